"""Pay for a decided submission, and remember what was learned; or, when the wait was too long, pay what was promised. After a
verdict that was taken up again: pay or take back the difference.

May be rung twice, and be killed at any point: one transaction, and a unique key for each effect.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime
from typing import Any

from btm.rules import money as law
from btm.rules.settings import ChallengeRules
from btm.rules.settlement import CommittedQuote, Settlement, difference, settle_again, settle_overdue
from btm.rules.settlement import settle as ruling
from btm.services import examples, resettling
from btm.services.collecting import is_example
from btm.services.finding import get_quote
from btm.services.item_promises import end_item_promise
from btm.services.telling import tell
from btm.store import challenges, collecting, money, outcomes, people, play, review
from btm.store.tables_challenges import DbChallenge
from btm.store.tables_collecting import DbExample
from btm.store.tables_play import DbQuote, DbSubmission
from btm.store.tables_review import DbOutcome, DbReviewItem
from btm.store.transaction import Session, transaction


def settle(item_id: int, *, now: datetime) -> None:
    """Settle the submission behind a review item, if it is decided or overdue. Locks submission, challenge, item, in this order.

    An item whose judgements were withdrawn or restored has to be looked at again first.
    """
    with transaction() as session:
        submission_id = review.submission_of_item(session, item_id)
        if submission_id is None:
            _close_item(session, item_id, now)
            return
        submission = play.get_submission(session, submission_id, lock=True)
        challenge = challenges.lock_challenge(session, submission.challenge_id)
        item = review.lock_item(session, item_id)
        if item is None or item.is_stale or (submission.settled_at and not submission.reopened_at):
            return
        if item.state == "decided" and item.verdict is not None:
            if submission.reopened_at is None:
                _settle_decided(session, challenge, submission, item, now)
            else:
                _settle_again(session, challenge, submission, item, now)
        elif item.state == "undecided" and submission.state == "in_review":
            submission.state = "undecided"
        if item.state in ("open", "undecided") and item.deadline_at <= now:
            _settle_overdue(session, challenge, submission, item, now)


def _close_item(session: Session, item_id: int, now: datetime) -> None:
    """A page that nobody submitted: its verdict is all that there is, and what its judges did not need goes back."""
    item = review.lock_item(session, item_id)
    if item is not None and item.state == "decided" and not item.is_stale:
        item.state = "settled"
        end_item_promise(session, item, now)


def _settle_decided(
    session: Session, challenge: DbChallenge, submission: DbSubmission, item: DbReviewItem, now: datetime
) -> None:
    settlement = _ruling(session, challenge, submission, item, now)
    table = DbExample if is_example(get_quote(submission)) else DbOutcome
    if (
        outcomes.write_outcome(session, table, _result(session, submission, item, settlement, now))
        is not None
    ):
        _finish(session, submission, item, settlement, _reason(submission, settlement), now)


def _settle_again(
    session: Session, challenge: DbChallenge, submission: DbSubmission, item: DbReviewItem, now: datetime
) -> None:
    """The result is written anew where the truth is another than was thought, and stays as it is otherwise."""
    old = _found(session, submission)
    if old is None or old.truth == item.verdict:
        _close(session, submission, item, submission.state, now)
        return
    before = resettling.paid(session, submission)
    settlement = settle_again(_ruling(session, challenge, submission, item, now), submission.state, before)
    outcomes.replace_outcome(session, old, _result(session, submission, item, settlement, now))
    _finish(
        session, submission, item, settlement, f"A page of yours was judged again: {_title(submission)}", now
    )


def _settle_overdue(
    session: Session, challenge: DbChallenge, submission: DbSubmission, item: DbReviewItem, now: datetime
) -> None:
    """Nobody decided in time: what was promised is paid, also after an appeal. A page that was taken up again because a judge was
    blocked keeps the verdict that it had."""
    if submission.reopened_at is not None and submission.reopened_why != "appeal":
        old = _found(session, submission)
        if old is not None:
            item.verdict, item.verdict_probability = old.truth, old.probability
        _close(session, submission, item, submission.state, now)
        return
    item.verdict, item.verdict_probability = None, None
    settlement = settle_overdue(get_quote(submission))
    _finish(session, submission, item, settlement, _reason(submission, settlement), now)


def _ruling(
    session: Session, challenge: DbChallenge, submission: DbSubmission, item: DbReviewItem, now: datetime
) -> Settlement:
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    base_today = money.base_paid_since(session, submission.player_id, midnight, submission.id)
    rules, cost = frozen_terms(challenge, get_quote(submission))
    truth = challenge.label_keys.index(item.verdict or "")
    if is_example(get_quote(submission)):
        return examples.ruling(challenge, get_quote(submission), truth, rules, base_today)
    return ruling(_committed(challenge, submission), truth, cost, rules, base_today)


def _found(session: Session, submission: DbSubmission) -> DbOutcome | DbExample | None:
    """What verification found before."""
    if is_example(get_quote(submission)):
        return collecting.example_of(session, submission.id)
    return play.outcome_of(session, submission.id)


def _result(
    session: Session, submission: DbSubmission, item: DbReviewItem, settlement: Settlement, now: datetime
) -> dict[str, Any]:
    """What is remembered: an outcome, or, where no machine was asked, an example."""
    answers, quote = review.counting(session, item), get_quote(submission)
    values = {
        "challenge_id": submission.challenge_id, "submission_id": submission.id, "page_id": submission.page_id,
        "truth": item.verdict, "probability": item.verdict_probability, "points": settlement.points,
        "label_counts": dict(Counter(a.label for a in answers if a.label)), "settled_at": now,
    }  # fmt: skip
    if is_example(quote):
        return values | {"claimed": quote.target, "site": quote.site}
    told = {"assigned": quote.assigned, "is_error": settlement.is_error, "severity": settlement.severity}
    return values | told


def _finish(
    session: Session,
    submission: DbSubmission,
    item: DbReviewItem,
    settlement: Settlement,
    reason: str,
    now: datetime,
) -> None:
    """Bring what the player was paid to what the page is worth, out of what was promised; then close."""
    had = resettling.paid(session, submission)
    if settlement.points < had:
        people.lock_account(session, submission.player_id)
    unpaid = max(0, money.balance(session, submission.player_id))
    more, back = difference(settlement.points, had, unpaid)
    more = min(more, resettling.promise(session, submission, more, now))
    key = law.of_turn(submission.id, item.reopened)
    for entry in (law.pay(settlement.kind, key, more, reason), law.take_back(key, back, reason)):
        money.post(
            session,
            entry,
            challenge_id=submission.challenge_id,
            account_id=submission.player_id,
            submission_id=submission.id,
            at=now,
        )
    _close(session, submission, item, settlement.state, now)


def _close(session: Session, submission: DbSubmission, item: DbReviewItem, state: str, now: datetime) -> None:
    """Give back what was not needed, and close submission, item and appeal."""
    left = law.release(submission.id, money.escrow_of(session, submission.id), item.reopened)
    money.post(session, left, challenge_id=submission.challenge_id, submission_id=submission.id, at=now)
    if submission.reopened_why == "appeal" and submission.reopened_at is not None:
        appeal = outcomes.appeal_of(session, submission.id)
        if appeal is not None:
            answers = {"rejected": "declined", "undecided": "unanswered"}
            appeal.state, appeal.decided_at = answers.get(state, "upheld"), now
    submission.state, submission.settled_at, submission.reopened_at = state, now, None
    item.state, item.lease_until = "settled", None
    told = {"submission": submission.public_id, "state": state, "verdict": item.verdict}
    tell(session, submission.challenge, "verdict", f"verdict:{submission.id}:{item.reopened}", told, now)


def _title(submission: DbSubmission) -> str:
    title = (submission.page.title if submission.page else "") or submission.url
    return f"“{title if len(title) <= 80 else title[:79] + '…'}”"


def _reason(submission: DbSubmission, settlement: Settlement) -> str:
    if settlement.kind == "bonus" and is_example(get_quote(submission)):
        return f"A new example: {_title(submission)}"
    if settlement.kind == "bonus":
        return f"You beat the machine with {_title(submission)}"
    if settlement.kind == "base":
        return f"For the effort with {_title(submission)}"
    return f"Nobody decided in time about {_title(submission)}"


def frozen_terms(challenge: DbChallenge, quote: DbQuote) -> tuple[ChallengeRules, list[list[float]]]:
    """Rules and cost matrix as they were when the page was quoted: that is what was promised and reserved."""
    rules, terms = challenge.law, quote.terms
    return (
        replace(
            rules,
            max_bonus=quote.max_bonus,
            sharpness=quote.sharpness,
            min_quote=min(rules.min_quote, quote.max_bonus),
            base_pay=terms.get("base_pay", rules.base_pay),
            base_pay_daily_cap=terms.get("base_pay_daily_cap", rules.base_pay_daily_cap),
        ),
        terms.get("cost", challenge.cost),
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
