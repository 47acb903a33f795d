"""Queries about gold as a judge meets it: what is left for them, what they hold, and their record."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    and_,
    case,
    exists,
    func,
    or_,
    select,
)
from sqlalchemy.orm import Session

from btm.store.tables import (
    DbDispute,
    DbGold,
    DbJudgement,
    DbPage,
    DbReviewItem,
    DbStandingChange,
)

LAST = 20
"""So many of a judge's last answers say whether they hurry."""


def lease_ended(now: datetime) -> ColumnElement[bool]:
    """Items that nobody holds."""
    return or_(DbReviewItem.lease_until.is_(None), DbReviewItem.lease_until <= now)


def _answered(judge_id: int, topic: str) -> ColumnElement[bool]:
    """A judge's labels for gold that counts: not gold that was found to be wrong, and not while a dispute about it is open.
    A withdrawn answer is still how they answered."""
    in_dispute = exists().where(DbDispute.judgement_id == DbJudgement.id, DbDispute.state == "open")
    return and_(
        DbJudgement.judge_id == judge_id,
        DbReviewItem.for_judge_id == judge_id,
        DbGold.topic == topic,
        DbGold.retired_why != "disputed",
        DbJudgement.label.is_not(None),
        ~in_dispute,
    )


def record_of(session: Session, topic: str, judge_id: int, since: datetime | None = None) -> tuple[int, int]:
    """A judge's gold record: (asked, right), over answers that give a label, or over those later than `since`."""
    right = func.coalesce(func.sum(case((DbJudgement.label == DbGold.truth, 1), else_=0)), 0)
    query = _of_gold(select(func.count(), right)).where(_answered(judge_id, topic))
    if since is not None:
        query = query.where(DbJudgement.judged_at > since)
    row = session.execute(query).one()
    return int(row[0]), int(row[1])


def missed_by_label(session: Session, topic: str, judge_id: int) -> dict[str, int]:
    """How often a judge missed gold of each true label."""
    query = (
        _of_gold(select(DbGold.truth, func.count()))
        .where(_answered(judge_id, topic), DbJudgement.label != DbGold.truth)
        .group_by(DbGold.truth)
    )
    return {truth: int(times) for truth, times in session.execute(query)}


def _of_gold(query: Any) -> Any:
    return (
        query.select_from(DbGold)
        .join(DbReviewItem, DbReviewItem.gold_id == DbGold.id)
        .join(DbJudgement, DbJudgement.item_id == DbReviewItem.id)
    )


def missed(
    session: Session, topic: str, judge_id: int, limit: int
) -> list[tuple[DbJudgement, DbGold, DbPage, DbDispute | None]]:
    """The gold answers in which a judge differed, newest first, with what they said to it. Gold that was found to be wrong is
    among them only where this judge said so."""
    rows = session.execute(
        select(DbJudgement, DbGold, DbPage, DbDispute)
        .select_from(DbGold)
        .join(DbReviewItem, DbReviewItem.gold_id == DbGold.id)
        .join(DbJudgement, DbJudgement.item_id == DbReviewItem.id)
        .join(DbPage, DbPage.id == DbGold.page_id)
        .outerjoin(DbDispute, DbDispute.judgement_id == DbJudgement.id)
        .where(
            DbGold.topic == topic,
            DbReviewItem.for_judge_id == judge_id,
            DbJudgement.judge_id == judge_id,
            DbJudgement.label != DbGold.truth,
            or_(DbGold.retired_why != "disputed", DbDispute.id.is_not(None)),
        )
        .order_by(DbJudgement.id.desc())
        .limit(limit)
    )
    return [(row[0], row[1], row[2], row[3]) for row in rows]


def hasty_share(session: Session, topic: str, judge_id: int) -> float:
    """The share of a judge's last LAST answers that came too fast; 0 without answers."""
    flags = session.scalars(
        select(DbJudgement.is_hasty)
        .join(DbReviewItem, DbReviewItem.id == DbJudgement.item_id)
        .where(DbJudgement.judge_id == judge_id, DbReviewItem.topic == topic)
        .order_by(DbJudgement.judged_at.desc(), DbJudgement.id.desc())
        .limit(LAST)
    ).all()
    return sum(flags) / len(flags) if flags else 0.0


def let_in_by_hand_at(session: Session, judge_id: int) -> datetime | None:
    """When a modeler last lifted a block of this judge: their gold record begins anew then."""
    return session.scalar(
        select(func.max(DbStandingChange.changed_at)).where(
            DbStandingChange.judge_id == judge_id,
            DbStandingChange.action == "lifted",
            DbStandingChange.why == "by_hand",
        )
    )


@dataclass(frozen=True, slots=True)
class Volume:
    """A judge's answers in a topic: all, those that came too fast, those without a label; and how long the last ones took, in seconds,
    newest first."""

    judgements: int
    hasty: int
    cannot: int
    seconds: tuple[float, ...]


def volume(session: Session, topic: str, judge_id: int, last: int) -> Volume:
    """What a judge did in a topic, in one look at their answers. last: of so many the time is told."""
    rows = session.execute(
        select(
            func.count().over(),
            func.sum(case((DbJudgement.is_hasty, 1), else_=0)).over(),
            func.sum(case((DbJudgement.label.is_(None), 1), else_=0)).over(),
            DbJudgement.seconds,
        )
        .join(DbReviewItem, DbReviewItem.id == DbJudgement.item_id)
        .where(DbJudgement.judge_id == judge_id, DbReviewItem.topic == topic)
        .order_by(DbJudgement.judged_at.desc())
        .limit(last)
    ).all()
    given, hasty, cannot = map(int, rows[0][:3] if rows else (0, 0, 0))
    return Volume(given, hasty, cannot, tuple(row[3] for row in rows))


def get_gold(session: Session, gold_id: int) -> DbGold:
    """The gold page with this id."""
    return session.execute(select(DbGold).where(DbGold.id == gold_id)).scalar_one()
