"""Take a judge's answer, pay for it, and decide where the rules say that it suffices."""

from __future__ import annotations

from datetime import datetime

import numpy as np

from btm.rules import money as law
from btm.rules.errors import Conflict, Forbidden, Invalid, NotFound
from btm.rules.verification import Undecided, Verdict, decide, posterior, uniform_confusion
from btm.services import bell
from btm.store import money, people, review
from btm.store.tables_review import DbJudgement, DbReviewItem
from btm.store.transaction import Session, insert_once, transaction

CANNOT = ("broken", "language", "unsure", "disturbing")
LONGEST = 24 * 3600.0


def record_judgement(
    item_public_id: str,
    *,
    judge_id: int,
    token: str,
    label: str | None,
    cannot: str | None,
    seconds: float,
    now: datetime,
) -> None:
    """Record one answer: a label, or why none can be given (one of CANNOT). Both are paid the same.

    The same answer again has no effect. Raises NotFound, Forbidden (own page, not qualified), Invalid (no such label), and
    Conflict (`lease_passed`, `closed`) where the page has gone to somebody else or is decided.
    """
    with transaction() as session:
        item = review.find_item(session, item_public_id)
        if item is None:
            raise NotFound("There is no such page to judge.")
        if review.judgement_of(session, item.id, judge_id) is not None:
            return
        _check(session, item, judge_id, token, label, cannot)
        values = {
            "item_id": item.id, "judge_id": judge_id, "label": label, "cannot": None if label else cannot,
            "seconds": float(np.clip(np.nan_to_num(seconds), 0, LONGEST)), "judged_at": now,
        }  # fmt: skip
        judgement_id = insert_once(session, DbJudgement, values)
        if judgement_id is None:
            return
        _pay(session, item, judge_id, judgement_id, now)
        _decide(session, item, now)
        ended, item_id = item.state != "open", item.id
    if ended:
        bell.ring("settle", item_id)


def _check(
    session: Session, item: DbReviewItem, judge_id: int, token: str, label: str | None, cannot: str | None
) -> None:
    if (label is None) == (cannot is None):
        raise Invalid("Choose one answer.", field="label")
    if label is not None and label not in item.challenge.label_keys:
        raise Invalid("That is not one of the answers. Choose again.", field="label")
    if cannot is not None and cannot not in CANNOT:
        raise Invalid("That is not one of the reasons. Choose again.", field="cannot")
    if item.author_id == judge_id:
        raise Forbidden("This is a page of yours, so somebody else has to judge it.", code="own_page")
    if not people.is_qualified(session, judge_id, item.challenge_id):
        raise Forbidden("Take the short test first, so that you know what counts here.", code="not_qualified")
    if item.state != "open":
        raise Conflict("This page has been decided meanwhile. Here is another one.", code="closed")
    if item.lease_judge_id != judge_id or item.lease_token != token or not token:
        raise Conflict(
            "This page went to somebody else while you were away, so your answer was not counted. Here is another one.",
            code="lease_passed",
        )


def _pay(session: Session, item: DbReviewItem, judge_id: int, judgement_id: int, now: datetime) -> None:
    make = law.pay if item.submission_id else law.pay_from_budget
    entry = make("judging", str(judgement_id), item.challenge.law.judging_price, "You judged a page")
    money.post(
        session,
        entry,
        challenge_id=item.challenge_id,
        account_id=judge_id,
        submission_id=item.submission_id,
        at=now,
    )


def _decide(session: Session, item: DbReviewItem, now: datetime) -> None:
    """Free the lease, and ask the rules whether this was enough."""
    challenge, rules = item.challenge, item.challenge.law
    answers = review.judgements_of(session, item.id)
    keys = challenge.label_keys
    given = [keys.index(answer.label) for answer in answers if answer.label is not None]
    confusion = uniform_confusion(len(keys), rules.judge_accuracy)
    post = posterior(np.full(len(keys), 1 / len(keys)), given, [confusion] * len(given))
    decision = decide(post, challenge.cost, len(given), rules)
    item.lease_judge_id, item.lease_token, item.lease_until = None, "", None
    item.expected_cost = decision.expected_cost
    item.priority = float(len(answers))
    if isinstance(decision, Verdict):
        item.state, item.decided_at = "decided", now
        item.verdict, item.verdict_probability = keys[decision.label], decision.probability
    elif isinstance(decision, Undecided) or len(answers) >= rules.max_judgements:
        item.state = "undecided"
