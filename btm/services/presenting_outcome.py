"""How verification of a submission stands, in words. Shared by the services; asks the database for nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from btm.rules.submissions import appeal_until, why_no_appeal
from btm.services.examples import verdict_words
from btm.services.finding import get_quote
from btm.services.views_challenges import LabelView
from btm.services.views_play import OutcomeView, SaidView
from btm.store.tables_challenges import DbChallenge
from btm.store.tables_collecting import DbExample
from btm.store.tables_play import DbAppeal, DbSubmission
from btm.store.tables_review import DbJudgement, DbOutcome, DbReviewItem


def label_view(challenge: DbChallenge, key: str) -> LabelView:
    """The words for a label of a challenge."""
    for label in challenge.labels:
        if label["key"] == key:
            return LabelView(key, label["name"], label["statement"], label.get("help", ""))
    return LabelView(key, key, f"this page is {key}")


def outcome_view(
    submission: DbSubmission,
    item: DbReviewItem,
    outcome: DbOutcome | DbExample | None,
    *,
    judgements: int,
    paid: int,
    appeal: DbAppeal | None,
    said: Sequence[DbJudgement],
    now: datetime,
    mine: bool,
) -> OutcomeView:
    """How verification of a submission stands. judgements: those of the item's present round that count. paid: points that the
    submission brought so far. said: judgements with words; they are told once there is a verdict, and never by whom."""
    challenge = submission.challenge
    stands = outcome if submission.state in ("confirmed", "rejected") else None
    is_reopened = submission.reopened_at is not None
    by_team = item.decided_by is not None and submission.settled_at is not None and not is_reopened
    no_appeal = why_no_appeal(
        submission.state,
        submission.settled_at,
        now,
        challenge.law.appeal_days,
        is_appealed=appeal is not None,
        is_reopened=is_reopened,
        by_team=by_team,
    )
    may_appeal = mine and not no_appeal
    until = appeal_until(submission.settled_at, challenge.law.appeal_days) if submission.settled_at else None
    return OutcomeView(
        judgements=judgements,
        judgements_wanted=max(challenge.law.min_judgements, judgements + (item.state == "open")),
        verdict=label_view(challenge, stands.truth) if stands else None,
        points=paid,
        reason=_reason(submission, stands, judgements, appeal, by_team),
        settled_at=submission.settled_at,
        deadline_at=item.deadline_at if submission.settled_at is None or is_reopened else None,
        said=_said(submission, item, stands, said),
        reopened=submission.reopened_why if is_reopened else "",
        may_appeal=may_appeal,
        appeal_until=until if may_appeal else None,
        appeal=appeal.state if appeal is not None and mine else "",
        decided_by_team=by_team,
        team_reason=item.decided_why if by_team else "",
    )


def _said(
    submission: DbSubmission,
    item: DbReviewItem,
    outcome: DbOutcome | DbExample | None,
    said: Sequence[DbJudgement],
) -> tuple[SaidView, ...]:
    """What the judges behind the verdict wrote. While a page is judged afresh after an appeal, those of the round before; while it
    is judged on, nothing, for that would say how it goes."""
    if outcome is None or (submission.reopened_at is not None and submission.reopened_why != "appeal"):
        return ()
    told = item.round - 1 if submission.reopened_at is not None else item.round
    return tuple(
        SaidView(label_view(submission.challenge, row.label) if row.label else None, row.reason, row.other)
        for row in said
        if row.round == told
    )


def _reason(
    submission: DbSubmission,
    outcome: DbOutcome | DbExample | None,
    judgements: int,
    appeal: DbAppeal | None,
    by_team: bool,
) -> str:
    challenge = submission.challenge
    if outcome is None:
        return _without_verdict(submission, appeal)
    truth = label_view(challenge, outcome.truth).statement
    counted = sum(outcome.label_counts.values()) if submission.reopened_at else judgements
    people = f"{outcome.label_counts.get(outcome.truth, 0)} of {counted} people say that {truth}"
    if by_team:
        people = f"Somebody of the team decided that {truth}"
    if isinstance(outcome, DbExample):
        return verdict_words(outcome, submission.state, people)
    if submission.state == "confirmed" and outcome.truth == get_quote(submission).target:
        return f"{people}, as you claimed."
    if submission.state == "confirmed":
        return f"{people}. That is not what you claimed, but the machine is wrong about it all the same."
    return f"{people}, and so does the machine."


def _without_verdict(submission: DbSubmission, appeal: DbAppeal | None) -> str:
    if submission.state != "undecided":
        return ""
    if submission.settled_at is None:
        return "The judges do not agree, so somebody of the team decides. Your quote stays reserved for you."
    if appeal is not None:
        return "Nobody decided in time when you asked for another look, so you were paid what was promised."
    return "Nobody decided in time, so you were paid what was promised."
