"""Look again at a page whose judgements were withdrawn or restored.

May be rung twice, and be killed at any point: one transaction, which only does something while the item is marked.
"""

from __future__ import annotations

from datetime import datetime

from btm.rules.dawid_skene_online import belief_from, confusion_of
from btm.rules.verification import Verdict, decide
from btm.services import bell, jury, resettling
from btm.store import challenges, juries, play, review
from btm.store.tables_challenges import DbChallenge
from btm.store.tables_judges import DbJury
from btm.store.tables_play import DbSubmission
from btm.store.tables_review import DbJudgement, DbReviewItem
from btm.store.transaction import Session, transaction

TAKEN_UP = ("confirmed", "rejected")


def reconsider(item_id: int, *, now: datetime) -> None:
    """Weigh the judgements that still count. A page without a verdict may get one, or lose the one that was not settled yet; one
    that was settled is taken up again where the judges' verdict no longer stands on what remains.

    Locks the topic (shared), submission, challenge and item, in this order.
    """
    with transaction() as session:
        place = review.place_of_item(session, item_id)
        if place is None:
            return
        topic, challenge_id, submission_id = place
        juries.share(session, topic)
        submission = play.get_submission(session, submission_id, lock=True) if submission_id else None
        challenge = challenges.lock_challenge(session, challenge_id)
        item = review.lock_item(session, item_id)
        if item is None or not item.is_stale:
            return
        item.is_stale = False
        panel, answers = jury.jury_of(session, challenge), review.counting(session, item)
        item.belief = _belief(session, panel, item, answers)
        if item.state == "settled":
            is_open = _take_up(session, panel, challenge, submission, item, answers, now)
        else:
            is_open = _forget_verdict(submission, item)
        if is_open:
            _weigh(session, panel, challenge, submission, item, answers, now)
        has_work = is_open and item.state != "open"
    if has_work:
        bell.ring("settle", item_id)


def _belief(
    session: Session, panel: DbJury, item: DbReviewItem, answers: list[DbJudgement]
) -> list[float] | None:
    """The item's belief from the answers that count and the judges' present matrices."""
    labelled = [(answer.judge_id, answer.label) for answer in answers if answer.label is not None]
    if not labelled:
        return None
    judges = juries.judges_of(session, panel.topic, [judge_id for judge_id, _ in labelled])
    rules = item.challenge.law
    matrices = [confusion_of(jury.counts_of(panel, judges.get(judge_id), rules)) for judge_id, _ in labelled]
    given = [panel.labels.index(label) for _, label in labelled]
    return [float(value) for value in belief_from(given, matrices).log_likelihood]


def _forget_verdict(submission: DbSubmission | None, item: DbReviewItem) -> bool:
    """Whether a page that is not settled is to be weighed anew: not what a modeler decided, nor what was taken back. A verdict
    that nobody was told is forgotten; one that stands until there is another does not."""
    if item.state not in ("open", "decided", "undecided") or item.decided_by is not None:
        return False
    if submission is None or submission.reopened_at is None:
        item.verdict, item.verdict_probability, item.decided_at = None, None, None
    return True


def _take_up(
    session: Session,
    panel: DbJury,
    challenge: DbChallenge,
    submission: DbSubmission | None,
    item: DbReviewItem,
    answers: list[DbJudgement],
    now: datetime,
) -> bool:
    """Open a settled page again, if judges decided it and what remains of their answers no longer carries the verdict."""
    if item.verdict is None or item.decided_by is not None or not review.was_withdrawn(session, item):
        return False
    if _carries(panel, item, answers):
        return False
    if submission is None:
        resettling.reopen(challenge, item, now)
        return True
    if submission.state not in TAKEN_UP or submission.reopened_at is not None:
        return False
    if resettling.is_frozen(session, submission):
        return False
    resettling.take_up(challenge, submission, item, why="judge", now=now)
    return True


def _carries(panel: DbJury, item: DbReviewItem, answers: list[DbJudgement]) -> bool:
    labelled = sum(answer.label is not None for answer in answers)
    cost = jury.cost_of(panel, item.challenge)
    decision = decide(jury.posterior_of(panel, item), cost, labelled, jury.rules_for(item))
    return isinstance(decision, Verdict) and panel.labels[decision.label] == item.verdict


def _weigh(
    session: Session,
    panel: DbJury,
    challenge: DbChallenge,
    submission: DbSubmission | None,
    item: DbReviewItem,
    answers: list[DbJudgement],
    now: datetime,
) -> None:
    jury.weigh(panel, item, answers, now)
    if submission is None:
        return
    resettling.fund_or_desk(session, challenge, submission, item, len(answers), now)
    if item.state == "open" and submission.state == "undecided" and submission.settled_at is None:
        submission.state = "in_review"
