"""Take a judge's answer, pay for it, learn from it, and decide where the rules say that it suffices."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np

from btm.rules import money as law
from btm.rules.errors import Conflict, Forbidden, Invalid, NotFound
from btm.rules.pace import Pace, is_hasty
from btm.services import bell, jury
from btm.services.blocking import block
from btm.services.gold_promises import end_promise
from btm.services.item_promises import is_promised
from btm.services.retiring import is_below
from btm.store import gold, juries, money, review, seats
from btm.store.tables_judges import DbJudge, DbJury
from btm.store.tables_review import DbJudgement, DbReviewItem
from btm.store.transaction import Session, insert_once, transaction

CANNOT = ("broken", "language", "unsure", "disturbing", "other")
LONGEST = 24 * 3600.0
LONGEST_OTHER, LONGEST_REASON = 200, 300


@dataclass(frozen=True, slots=True)
class Answer:
    """What a judge says: a label, or why none can be given; what else the page is; and their reason, in their own words."""

    label: str | None
    cannot: str | None
    other: str
    reason: str
    seconds: float


def record_judgement(
    item_public_id: str,
    *,
    judge_id: int,
    token: str,
    label: str | None,
    cannot: str | None,
    seconds: float,
    now: datetime,
    other: str = "",
    reason: str = "",
) -> None:
    """Record one answer: a label, or why none can be given (one of CANNOT). Both are paid the same.

    With the cannot "other", `other` says what the page is instead. `reason` is a line for the player. The same answer again has
    no effect. Raises NotFound, Forbidden (own page, not qualified, blocked), Invalid (no such label), and Conflict
    (`lease_passed`, `closed`, `linked`) where the page has gone to somebody else, is decided, or comes from an account that may be the
    judge's own.
    """
    answer = Answer(
        label, cannot, _line(other, LONGEST_OTHER), _line(reason, LONGEST_REASON), _seconds(seconds)
    )
    rings: list[tuple[str, int]] = []
    with transaction() as session:
        juries.share_of_item(session, item_public_id)
        item = review.find_item(session, item_public_id)
        if item is None:
            raise NotFound("There is no such page to judge.")
        standing = seats.answering(session, item, judge_id)
        if standing.has_answered:
            return
        panel, judge = _panel(session, item, judge_id, now)
        _check(item, judge, standing, token, answer)
        if item.lease_ready_at is not None and now < item.lease_ready_at:
            raise Conflict(
                "The pause before this page is not over yet. Your answer was not sent.", code="pause"
            )
        judgement_id = insert_once(session, DbJudgement, _row(item, judge_id, answer, panel, now))
        if judgement_id is None:
            return
        _pay(session, item, judge_id, judgement_id, now)
        item.lease_judge_id, item.lease_token, item.lease_until = None, "", None
        item.lease_ready_at = None
        if item.gold_id is None:
            rings += _learn(session, panel, item, judge, answer, now)
        else:
            rings += _check_against_gold(session, panel, item, judge, answer, now)
    for kind, row_id in rings:
        bell.ring(kind, row_id)


def _panel(session: Session, item: DbReviewItem, judge_id: int, now: datetime) -> tuple[DbJury, DbJudge]:
    """The item's jury, and who answers as a judge of it, locked."""
    known = juries.jury_and_held_judge(session, item.topic, judge_id)
    if known is not None:
        return known
    panel = jury.jury_of(session, item.challenge)
    return panel, juries.get_judge(session, panel, judge_id, now)


def _check(item: DbReviewItem, judge: DbJudge, standing: seats.Answering, token: str, answer: Answer) -> None:
    if (answer.label is None) == (answer.cannot is None):
        raise Invalid("Choose one answer.", field="label")
    if answer.label is not None and answer.label not in item.challenge.label_keys:
        raise Invalid("That is not one of the answers. Choose again.", field="label")
    if answer.cannot is not None and answer.cannot not in CANNOT:
        raise Invalid("That is not one of the reasons. Choose again.", field="cannot")
    if answer.cannot == "other" and not answer.other:
        raise Invalid("Say in a few words what the page is instead.", field="other")
    if item.author_id == judge.account_id:
        raise Forbidden("This is a page of yours, so somebody else has to judge it.", code="own_page")
    if standing.is_linked:
        raise Conflict("This page goes to somebody else. Here is another one.", code="linked")
    if not standing.is_qualified:
        raise Forbidden("Take the short test first, so that you know what counts here.", code="not_qualified")
    if judge.state == "blocked":
        raise Forbidden("Your answers do not count here any more. Your record says why.", code="blocked")
    if item.state != "open":
        raise Conflict("This page has been decided meanwhile. Here is another one.", code="closed")
    if item.lease_judge_id != judge.account_id or item.lease_token != token or not token:
        raise Conflict(
            "This page went to somebody else while you were away, so your answer was not counted. Here is another one.",
            code="lease_passed",
        )


def _row(
    item: DbReviewItem, judge_id: int, answer: Answer, panel: DbJury, now: datetime
) -> dict[str, object]:
    pace = Pace(panel.pace[0], panel.pace[1], int(panel.pace[2]))
    return {
        "item_id": item.id, "judge_id": judge_id, "label": answer.label, "cannot": answer.cannot, "other": answer.other,
        "reason": answer.reason, "seconds": answer.seconds, "judged_at": now, "round": item.round,
        "is_hasty": is_hasty(answer.seconds, pace, item.challenge.law),
    }  # fmt: skip


def _pay(session: Session, item: DbReviewItem, judge_id: int, judgement_id: int, now: datetime) -> None:
    is_reserved = item.submission_id is not None or is_promised(session, item, item.lease_price)
    make = law.pay if is_reserved else law.pay_from_budget
    entry = make("judging", str(judgement_id), item.lease_price, "You judged a page")
    money.post(
        session,
        entry,
        challenge_id=item.challenge_id,
        account_id=judge_id,
        submission_id=item.submission_id,
        at=now,
    )


def _learn(
    session: Session, panel: DbJury, item: DbReviewItem, judge: DbJudge, answer: Answer, now: datetime
) -> list[tuple[str, int]]:
    """Let the answer move the item and the judge, and ask the rules whether it was enough."""
    if answer.label is not None:
        jury.hear(panel, item, judge, answer.label, item.challenge.law, None)
    with (
        session.no_autoflush
    ):  # this answer is in the database already; the item is written once, with its new place
        answers = review.counting(session, item)
    jury.weigh(panel, item, answers, now)
    return [("settle", item.id)] if item.state != "open" else []


def _check_against_gold(
    session: Session, panel: DbJury, item: DbReviewItem, judge: DbJudge, answer: Answer, now: datetime
) -> list[tuple[str, int]]:
    """The truth is known: only the judge is learned about. The item was theirs alone, and is done."""
    item.state, item.decided_at = "settled", now
    end_promise(session, item.id, item.challenge_id, item.lease_price, now)
    checked = gold.get_gold(session, item.gold_id or 0)
    if answer.label is None or checked.retired_why == "disputed":
        return []
    jury.hear(panel, item, judge, answer.label, item.challenge.law, checked.truth)
    session.flush()
    if not is_below(session, item.challenge, judge):
        return []
    change = block(session, judge, why="gold", note="", changed_by=None, now=now)
    return [("standing", change)] if change is not None else []


def _line(words: str, most: int) -> str:
    """Somebody's words on one line, without what a line cannot hold."""
    return " ".join("".join(c if c.isprintable() else " " for c in words).split())[:most]


def _seconds(seconds: float) -> float:
    return float(np.clip(np.nan_to_num(seconds), 0, LONGEST))
