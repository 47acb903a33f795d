"""Rows to view values. Shared by the services; asks the database for nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from btm.rules import belief
from btm.rules.money import whole_price
from btm.rules.stops import SENTENCES, Standing, why_stopped
from btm.rules.submissions import may_withdraw
from btm.services import refusals
from btm.services.presenting_outcome import label_view as label_view
from btm.services.presenting_outcome import outcome_view
from btm.services.views_challenges import BriefView, ChallengeCard, ChallengeView, ExampleView
from btm.services.views_play import (
    BeliefView,
    NeighbourView,
    QuoteView,
    RefusalView,
    SubmissionView,
)
from btm.store.challenges import ChallengeFigures
from btm.store.tables_challenges import DbChallenge
from btm.store.tables_collecting import DbExample
from btm.store.tables_play import DbAppeal, DbQuote, DbSubmission
from btm.store.tables_review import DbJudgement, DbOutcome, DbReviewItem


def card_view(challenge: DbChallenge, figures: ChallengeFigures, now: datetime) -> ChallengeCard:
    """A challenge as one line of the list."""
    rules = challenge.law
    price = whole_price(rules.min_quote, rules)
    standing = Standing(figures.found, figures.spent, figures.budget_left)
    stopped = why_stopped(figures.stops, standing, now, price)
    return ChallengeCard(
        slug=challenge.slug,
        title=challenge.title,
        sought=challenge.sought,
        target=label_view(challenge, challenge.target),
        machine_name=challenge.machine.name if challenge.machine else "",
        machine_version=challenge.machine.version if challenge.machine else "",
        max_bonus=rules.max_bonus,
        points_per_usd=rules.points_per_usd,
        judging_price=rules.judging_price,
        is_open=challenge.state == "live" and figures.budget_left >= price and not stopped,
        is_harmful=challenge.is_harmful,
        found=figures.found,
        in_review=figures.in_review,
        budget_left=figures.budget_left,
        created_at=challenge.created_at,
        last_found_at=figures.last_found_at,
        mode=challenge.mode,
        state=challenge.state,
        ends_at=figures.stops.until,
        stopped=SENTENCES.get(stopped, ""),
    )


def challenge_view(challenge: DbChallenge, figures: ChallengeFigures, now: datetime) -> ChallengeView:
    """A challenge with its brief."""
    brief = challenge.brief
    return ChallengeView(
        card=card_view(challenge, figures, now),
        brief=BriefView(
            brief["summary"], brief["question"], _examples(brief["counts"]), _examples(brief["counts_not"])
        ),
        labels=tuple(label_view(challenge, key) for key in challenge.label_keys),
        verdict_days=max(1, round(challenge.law.verdict_days)),
    )


def _examples(examples: list[dict[str, str]]) -> tuple[ExampleView, ...]:
    return tuple(ExampleView(e["text"], e["why"]) for e in examples)


def belief_view(challenge: DbChallenge, quote: DbQuote) -> BeliefView | None:
    """What the machine believed when it quoted, rounded to whole percents; None where none was asked."""
    if not quote.assigned:
        return None
    probability = round(quote.probabilities[challenge.label_keys.index(quote.assigned)], 2)
    return BeliefView(
        label_view(challenge, quote.assigned),
        probability,
        belief.sure_word(probability),
        belief.out_of_100(probability),
    )


def quote_view(
    challenge: DbChallenge, quote: DbQuote, near: Mapping[int, DbSubmission], public: frozenset[int]
) -> QuoteView:
    """A quote, itemised. `near`: the neighbours' submissions with their pages; `public`: which of them anyone may see."""
    return QuoteView(
        points=quote.points,
        max_bonus=quote.max_bonus,
        points_per_usd=challenge.law.points_per_usd,
        belief=belief_view(challenge, quote),
        claimed=label_view(challenge, quote.target),
        severity=quote.severity,
        severity_factor=quote.severity**quote.sharpness,
        novelty=quote.novelty,
        prevalence=quote.prevalence_weight,
        site=quote.site,
        site_pages=int(quote.terms.get("site_pages", 0)),
        similar_found=len(quote.neighbours),
        neighbours=tuple(
            _neighbour(near[i], similarity, i in public) for i, similarity in quote.neighbours if i in near
        ),
    )


def _neighbour(submission: DbSubmission, similarity: float, is_public: bool) -> NeighbourView:
    title = submission.page.title if submission.page else ""
    return NeighbourView(
        title, host_of(submission.url), similarity, submission.public_id if is_public else None
    )


def submission_view(
    submission: DbSubmission,
    *,
    viewer_id: int | None,
    is_visitor: bool,
    now: datetime,
    item: DbReviewItem | None = None,
    judgements: int = 0,
    outcome: DbOutcome | DbExample | None = None,
    appeal: DbAppeal | None = None,
    said: Sequence[DbJudgement] = (),
    paid: int = 0,
    near: Mapping[int, DbSubmission] | None = None,
    public: frozenset[int] = frozenset(),
) -> SubmissionView:
    """One submission as `viewer_id` sees it. `paid`: points that it brought its player so far; `said`: the item's judgements that
    count, of whatever round, and say something in words."""
    challenge, mine = submission.challenge, viewer_id == submission.player_id
    expires = submission.wake_at if submission.state == "quoted" else None
    return SubmissionView(
        public_id=submission.public_id,
        challenge_slug=challenge.slug,
        challenge_title=challenge.title,
        url=submission.url,
        host=host_of(submission.url),
        title=(submission.page.title if submission.page else "") or "",
        state=submission.state,
        step=submission.step,
        created_at=submission.created_at,
        expires_at=expires,
        is_mine=mine,
        may_commit=mine
        and submission.state == "quoted"
        and not is_visitor
        and (expires is None or expires > now),
        needs_account=mine and submission.state == "quoted" and is_visitor,
        quote=quote_view(challenge, submission.quote, near or {}, public) if submission.quote else None,
        refusal=_refusal(submission, near or {}, public) if submission.state == "refused" else None,
        claimed=label_view(challenge, submission.claimed) if submission.claimed else None,
        outcome=outcome_view(
            submission,
            item,
            outcome,
            judgements=judgements,
            paid=paid,
            appeal=appeal,
            said=said if mine else (),
            now=now,
            mine=mine,
        )
        if item
        else None,
    )


DECIDED_SINCE = {"confirmed": "already_found", "rejected": "already_judged"}
"""What a page that waited for its verdict when it was repeated has become, by the state of the submission that it repeats."""


def _refusal(
    submission: DbSubmission, near: Mapping[int, DbSubmission], public: frozenset[int]
) -> RefusalView:
    reason, repeated = submission.refusal, near.get(submission.repeats_id or 0)
    if repeated is not None and reason == "already_handed_in":
        reason = DECIDED_SINCE.get(repeated.state, reason)
    if repeated is None or repeated.id not in public:
        return refusals.explain(reason)
    return refusals.explain(reason, repeats=repeated.public_id, repeats_url=repeated.url)


def withdrawable(submission: DbSubmission, judgements: int) -> bool:
    """Whether the player may still take the submission back."""
    return may_withdraw(submission.state, judgements)


def verdict_deadline(challenge: DbChallenge, now: datetime) -> datetime:
    """When a page handed in now must have its verdict."""
    return now + timedelta(days=challenge.law.verdict_days)


def host_of(url: str) -> str:
    """The host of a URL, for people to read."""
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""
