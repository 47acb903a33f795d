"""Pay for a decided submission, and remember what was learned; or, when the wait was too long, pay what was promised.

May be rung twice, and be killed at any point: one transaction, and a unique key for each effect.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime

from btm.rules import money as law
from btm.rules.settings import ChallengeRules
from btm.rules.settlement import CommittedQuote, Settlement, settle_overdue
from btm.rules.settlement import settle as ruling
from btm.services.finding import get_quote
from btm.store import challenges, money, play, review
from btm.store.tables_challenges import DbChallenge
from btm.store.tables_play import DbQuote, DbSubmission
from btm.store.tables_review import DbOutcome, DbReviewItem
from btm.store.transaction import Session, insert_once, transaction


def settle(item_id: int, *, now: datetime) -> None:
    """Settle the submission behind a review item, if it is decided or overdue. Locks submission, challenge, item, in this order."""
    with transaction() as session:
        submission_id = review.submission_of_item(session, item_id)
        if submission_id is None:
            review.close_item(session, item_id)
            return
        submission = play.get_submission(session, submission_id, lock=True)
        challenge = challenges.lock_challenge(session, submission.challenge_id)
        item = review.lock_item(session, item_id)
        if item is None or submission.settled_at is not None:
            return
        if item.state == "decided" and item.verdict is not None:
            _settle_decided(session, challenge, submission, item, now)
        elif item.state == "undecided" and submission.state == "in_review":
            submission.state = "undecided"
        if item.state in ("open", "undecided") and item.deadline_at <= now:
            _finish(session, submission, item, settle_overdue(_committed(challenge, submission)), now)


def _settle_decided(
    session: Session, challenge: DbChallenge, submission: DbSubmission, item: DbReviewItem, now: datetime
) -> None:
    keys = challenge.label_keys
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    base_today = money.base_paid_since(session, submission.player_id, midnight)
    truth = keys.index(item.verdict or "")
    rules = _frozen(challenge.law, get_quote(submission))
    settlement = ruling(_committed(challenge, submission), truth, challenge.cost, rules, base_today)
    answers = review.judgements_of(session, item.id)
    values = {
        "challenge_id": challenge.id, "submission_id": submission.id, "page_id": submission.page_id,
        "truth": item.verdict, "assigned": get_quote(submission).assigned, "is_error": settlement.is_error,
        "severity": settlement.severity, "probability": item.verdict_probability, "points": settlement.points,
        "label_counts": dict(Counter(a.label for a in answers if a.label)), "settled_at": now,
    }  # fmt: skip
    if insert_once(session, DbOutcome, values) is not None:
        _finish(session, submission, item, settlement, now)


def _finish(
    session: Session, submission: DbSubmission, item: DbReviewItem, settlement: Settlement, now: datetime
) -> None:
    """Pay the player, give back what was not needed, and close submission and item."""
    entry = law.pay(settlement.kind, str(submission.id), settlement.points, _reason(submission, settlement))
    money.post(
        session,
        entry,
        challenge_id=submission.challenge_id,
        account_id=submission.player_id,
        submission_id=submission.id,
        at=now,
    )
    left = money.escrow_of(session, submission.id)
    money.post(
        session,
        law.release(submission.id, left),
        challenge_id=submission.challenge_id,
        submission_id=submission.id,
        at=now,
    )
    submission.state, submission.settled_at = settlement.state, now
    item.state, item.lease_until = "settled", None


def _reason(submission: DbSubmission, settlement: Settlement) -> str:
    title = (submission.page.title if submission.page else "") or submission.url
    short = title if len(title) <= 80 else title[:79] + "…"
    if settlement.kind == "bonus":
        return f"You beat the machine with “{short}”"
    if settlement.kind == "base":
        return f"For the effort with “{short}”"
    return f"Nobody decided in time about “{short}”"


def _frozen(rules: ChallengeRules, quote: DbQuote) -> ChallengeRules:
    """The challenge's rules, with rewards as they were when the page was quoted: that is what was promised and reserved."""
    return replace(
        rules,
        max_bonus=quote.max_bonus,
        sharpness=quote.sharpness,
        min_quote=min(rules.min_quote, quote.max_bonus),
    )


def _committed(challenge: DbChallenge, submission: DbSubmission) -> CommittedQuote:
    quote = get_quote(submission)
    keys = challenge.label_keys
    return CommittedQuote(
        quote.probabilities,
        keys.index(quote.assigned),
        keys.index(quote.target),
        quote.novelty,
        quote.prevalence_weight,
        quote.points,
    )
