"""The queue: which item a judge gets next, and the lease on it. One queue a topic.

Items of equal priority share a place; within it each judge starts at a random point, so that many judges who ask at once meet
different items, and nobody reads anything from the order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from btm.store import queue_statements as statements
from btm.store.tables_review import DbReviewItem


@dataclass(frozen=True, slots=True)
class Lease:
    """What a judge is given with an item: the right to answer until a moment, and the price, in points."""

    judge_id: int
    token: str
    now: datetime
    until: datetime
    price: int


@dataclass(frozen=True, slots=True)
class Leased:
    """An item under lease, and what its holder is shown of the page. No answer counts before `ready_at`."""

    id: int
    public_id: str
    challenge_id: int
    token: str
    until: datetime | None
    ready_at: datetime | None
    price: int
    title: str
    final_url: str
    language: str
    blocks: list[list[str]]


def held_by(session: Session, topic: str, judge_id: int, now: datetime, but: str | None) -> Leased | None:
    """The item that a judge already holds a living lease on, other than `but`; gold included."""
    row = session.execute(statements.held(), _asking(topic, judge_id, now, but)).first()
    return Leased(*row) if row is not None else None


def get_leased(session: Session, item_id: int) -> Leased:
    """The item with this id, and its page."""
    return Leased(*session.execute(statements.shown(), {"item": item_id}).one())


def hold_back(session: Session, item: Leased, until: datetime) -> Leased:
    """The item, of which no answer counts before a moment."""
    session.execute(statements.hold_back(), {"item": item.id, "new_ready": until})
    return replace(item, ready_at=until)


def let_go(session: Session, item_public_id: str, judge_id: int, token: str, now: datetime) -> bool:
    """End a judge's own lease before its time. False where they hold none by this token."""
    done = session.execute(
        update(DbReviewItem)
        .where(
            DbReviewItem.public_id == item_public_id,
            DbReviewItem.lease_judge_id == judge_id,
            DbReviewItem.lease_token == token,
            DbReviewItem.lease_until > now,
            DbReviewItem.state == "open",
        )
        .values(lease_until=None, lease_token="")
    )
    return bool(done.rowcount)  # type: ignore[attr-defined]


def is_waiting(
    session: Session, topic: str, lease: Lease, *, dice: float = 0.0, but: str | None = None
) -> bool:
    """Whether anything waits that this judge could be given."""
    asking = {**_asking(topic, lease.judge_id, lease.now, but), "from_dice": dice}
    if session.scalar(statements.near_one(), asking) is not None:
        return True
    return session.scalar(statements.first_of_all(), asking) is not None


def take_lease(session: Session, topic: str, lease: Lease, *, dice: float, but: str | None) -> Leased | None:
    """Lease the next item of a topic to a judge; None where nothing waits that they could judge.

    One conditional UPDATE goes from place to place, from the highest, and takes an item among the NEAR ones that follow the dice
    (in [0, 1)), passing over those that another transaction holds. Where that finds nothing, the whole queue is looked through
    in one statement, and so in one state of the database: what moves from place to place meanwhile is not missed, and what
    another transaction holds is waited for. Only when that look finds nothing is there nothing.
    """
    asking = _asking(topic, lease.judge_id, lease.now, but)
    terms = {"new_token": lease.token, "new_until": lease.until, "new_price": lease.price}
    item_id = session.scalar(statements.take_near(), {**asking, **terms, "from_dice": dice})
    if item_id is None:
        item_id = _take_any(session, asking, terms)
    return get_leased(session, item_id) if item_id is not None else None


def _take_any(session: Session, asking: Mapping[str, Any], terms: Mapping[str, Any]) -> int | None:
    while (found := session.scalar(statements.first_of_all(), asking)) is not None:
        with session.begin_nested() as attempt:
            item_id = session.scalar(statements.take_this(), {**asking, **terms, "item": found})
            if item_id is None:
                attempt.rollback()  # no lock on what another was given is kept: two who wait could wait for each other
        if item_id is not None:
            return int(item_id)
    return None


def waiting_for(
    session: Session, topics: Sequence[str], judge_id: int, now: datetime, most: int
) -> dict[str, int]:
    """How many items this person could judge now, by topic; of each topic at most `most` are counted."""
    return {
        topic: int(
            session.scalar(statements.count(), {**_asking(topic, judge_id, now, None), "most": most}) or 0
        )
        for topic in topics
    }


def _asking(topic: str, judge_id: int, now: datetime, but: str | None) -> Mapping[str, Any]:
    return {"in_topic": topic, "asking": judge_id, "asked_at": now, "but_not": but or ""}
