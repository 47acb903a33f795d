"""Queries about one challenge's budget: its pots, what it spent when, and when it is to stop."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from btm.rules.money import EARNINGS
from btm.rules.stops import Stops
from btm.store.days import day_of
from btm.store.tables import DbEntry, DbOutcome, DbStop
from btm.store.transaction import insert_once


def was_funded(session: Session, key: str) -> bool:
    """Whether this funding was written already."""
    return session.scalar(select(DbEntry.id).where(DbEntry.key == f"fund:{key}")) is not None


def earned_by_day(session: Session, challenge_id: int, since: datetime) -> dict[date, int]:
    """Points that workers earned in a challenge on each day since a moment, corrections included; days without any are missing."""
    day = day_of(session, DbEntry.at)
    rows = session.execute(
        select(day, func.sum(DbEntry.worker))
        .where(DbEntry.challenge_id == challenge_id, DbEntry.at >= since, DbEntry.kind.in_(EARNINGS))
        .group_by(day)
    )
    return {
        each if isinstance(each, date) else date.fromisoformat(each): int(points) for each, points in rows
    }


def count_finds(session: Session, challenge_id: int) -> int:
    """Verified finds of a challenge."""
    found = select(func.count()).where(DbOutcome.challenge_id == challenge_id, DbOutcome.is_error)
    return int(session.scalar(found) or 0)


def stops_of(session: Session, challenge_ids: Sequence[int]) -> dict[int, Stops]:
    """By challenge: its conditions, of those that have any."""
    rows = session.scalars(select(DbStop).where(DbStop.challenge_id.in_(list(challenge_ids))))
    return {row.challenge_id: Stops(row.until, row.finds, row.spent, row.keep_free) for row in rows}


def put_stops(session: Session, challenge_id: int, stops: Stops) -> None:
    """Replace a challenge's conditions. Under its lock."""
    insert_once(session, DbStop, {"challenge_id": challenge_id})
    row = session.scalars(select(DbStop).where(DbStop.challenge_id == challenge_id)).one()
    row.until, row.finds, row.spent, row.keep_free = stops.until, stops.finds, stops.spent, stops.keep_free
