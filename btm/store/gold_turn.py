"""Queries about whether it is gold's turn for a judge, and which page of it: read at every other request, so in few statements,
each of them built once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, cast

from sqlalchemy import (
    CompoundSelect,
    Integer,
    Select,
    String,
    Table,
    and_,
    bindparam,
    case,
    exists,
    func,
    or_,
    select,
    union_all,
    update,
)
from sqlalchemy.orm import Session

from btm.store.database import UtcDateTime
from btm.store.gold import lease_ended
from btm.store.queue import Lease
from btm.store.tables import DbChallenge, DbDispute, DbGold, DbJudgement, DbPage, DbReviewItem, DbSubmission

AT_ONCE = 8
"""Of so many gold pages it is asked in one statement whether a judge met the text before; nearly always the first is new to them."""

ITEM, GOLD = cast(Table, DbReviewItem.__table__), cast(Table, DbGold.__table__)
PAGE, ANSWER = cast(Table, DbPage.__table__), cast(Table, DbJudgement.__table__)
DISPUTE, SUBMISSION = cast(Table, DbDispute.__table__), cast(Table, DbSubmission.__table__)
TOPIC, ASKING = bindparam("in_topic", type_=String), bindparam("asking", type_=Integer)
BUT = bindparam("but_not", type_=String)


@dataclass(frozen=True, slots=True)
class Met:
    """What a judge was asked as gold. asked: pages by true label. answered, right: as `record_of` counts them. unanswered: the
    oldest item that they let run out."""

    asked: dict[str, int]
    answered: int
    right: int
    unanswered: int | None


def met_by(session: Session, topic: str, judge_id: int, now: datetime, but: str | None) -> Met:
    """All that decides whether a judge is asked gold now, and of which label. An item whose public id is `but` does not count as
    let run out."""
    rows = session.execute(
        _met(), {"in_topic": topic, "asking": judge_id, "asked_at": now, "but_not": but or ""}
    ).all()
    return Met(
        asked={row.truth: row.asked for row in rows},
        answered=sum(int(row.answered) for row in rows),
        right=sum(int(row.right) for row in rows),
        unanswered=min((row.unanswered for row in rows if row.unanswered is not None), default=None),
    )


@dataclass(frozen=True, slots=True)
class Candidate:
    """A gold page that a judge may be asked, unless they met its text elsewhere."""

    id: int
    truth: str
    challenge_id: int
    page_id: int
    text: str  # a digest of it


def never_asked(session: Session, topic: str, judge_id: int) -> dict[str, list[Candidate]]:
    """The active gold that a judge was never asked, by true label, oldest first."""
    left: dict[str, list[Candidate]] = {}
    for row in session.execute(_never_asked(), {"in_topic": topic, "asking": judge_id}):
        left.setdefault(row.truth, []).append(Candidate(*row))
    return left


def first_new(
    session: Session, topic: str, judge_id: int, candidates: Sequence[Candidate]
) -> Candidate | None:
    """The first of these of which the judge never met the text: as gold, as another item that they answered, or as their own
    find."""
    for start in range(0, len(candidates), AT_ONCE):
        some = candidates[start : start + AT_ONCE]
        texts = sorted({each.text for each in some})
        asked = {"in_topic": topic, "asking": judge_id, "texts": texts}
        met = set(session.scalars(_met_texts(), asked)) if some else set()
        for each in some:
            if each.text not in met:
                return each
    return None


def lease_again(session: Session, item_id: int, lease: Lease) -> bool:
    """Put a gold item under a new lease, unless it was answered or leased meanwhile. Returns whether it was done."""
    done = session.scalar(
        update(DbReviewItem)
        .where(DbReviewItem.id == item_id, DbReviewItem.state == "open", lease_ended(lease.now))
        .values(
            lease_judge_id=lease.judge_id,
            lease_token=lease.token,
            lease_until=lease.until,
            lease_ready_at=None,
            lease_price=lease.price,
        )
        .returning(DbReviewItem.id)
        .execution_options(synchronize_session=False)
    )
    return done is not None


@cache
def _met() -> Select[Any]:
    item, gold, answer = ITEM.c, GOLD.c, ANSWER.c
    in_dispute = exists().where(DISPUTE.c.judgement_id == answer.id, DISPUTE.c.state == "open")
    counts = and_(answer.label.is_not(None), gold.retired_why != "disputed", ~in_dispute)
    ran_out = or_(item.lease_until.is_(None), item.lease_until <= bindparam("asked_at", type_=UtcDateTime))
    waits = and_(gold.state == "active", item.state == "open", ran_out, item.public_id != BUT)
    return (
        select(
            gold.truth,
            func.count().label("asked"),
            func.sum(case((counts, 1), else_=0)).label("answered"),
            func.sum(case((and_(counts, answer.label == gold.truth), 1), else_=0)).label("right"),
            func.min(case((waits, item.id))).label("unanswered"),
        )
        .select_from(ITEM)
        .join(GOLD, gold.id == item.gold_id)
        .outerjoin(ANSWER, and_(answer.item_id == item.id, answer.judge_id == ASKING))
        .where(item.for_judge_id == ASKING, gold.topic == TOPIC)
        .group_by(gold.truth)
    )


@cache
def _never_asked() -> Select[Any]:
    asked = exists().where(ITEM.c.gold_id == GOLD.c.id, ITEM.c.for_judge_id == ASKING)
    return (
        select(GOLD.c.id, GOLD.c.truth, GOLD.c.challenge_id, GOLD.c.page_id, PAGE.c.content_hash)
        .join_from(GOLD, PAGE, PAGE.c.id == GOLD.c.page_id)
        .where(GOLD.c.topic == TOPIC, GOLD.c.state == "active", ~asked)
        .order_by(GOLD.c.id)
    )


@cache
def _met_texts() -> CompoundSelect[Any]:
    """Those of some texts that a person met. Goes by index from the few texts, not from the many answers."""
    texts = PAGE.c.content_hash.in_(bindparam("texts", expanding=True))
    of_topic = select(DbChallenge.id).where(DbChallenge.topic == TOPIC)
    judged = (
        select(PAGE.c.content_hash)
        .join_from(PAGE, ITEM, ITEM.c.page_id == PAGE.c.id)
        .join(ANSWER, ANSWER.c.item_id == ITEM.c.id)
        .where(texts, ITEM.c.challenge_id.in_(of_topic), ITEM.c.for_judge_id.is_(None), ANSWER.c.judge_id == ASKING)
    )  # fmt: skip
    asked = (
        select(PAGE.c.content_hash)
        .join_from(PAGE, GOLD, GOLD.c.page_id == PAGE.c.id)
        .join(ITEM, ITEM.c.gold_id == GOLD.c.id)
        .where(texts, GOLD.c.topic == TOPIC, ITEM.c.for_judge_id == ASKING)
    )
    pages = select(PAGE.c.id).where(texts)
    own = (
        select(PAGE.c.content_hash)
        .join_from(PAGE, SUBMISSION, SUBMISSION.c.page_id == PAGE.c.id)
        .where(SUBMISSION.c.player_id == ASKING, SUBMISSION.c.page_id.in_(pages))
    )
    return union_all(judged, asked, own)
