"""Queries about work that was put up on platforms."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from btm.store.tables import DbAssignment, DbUnit, DbWork


def find_work(session: Session, public_id: str, *, lock: bool = False) -> DbWork | None:
    """The work with this public id."""
    query = select(DbWork).where(DbWork.public_id == public_id)
    if lock:
        query = query.with_for_update(of=DbWork).execution_options(populate_existing=True)
    return session.scalar(query)


def get_work(session: Session, work_id: int, *, lock: bool = False) -> DbWork:
    """A work that is known to be there."""
    query = select(DbWork).where(DbWork.id == work_id)
    if lock:
        query = query.with_for_update(of=DbWork).execution_options(populate_existing=True)
    return session.scalars(query).one()


def works_of(session: Session, challenge_id: int) -> list[DbWork]:
    """All work of a challenge, newest first."""
    return list(
        session.scalars(select(DbWork).where(DbWork.challenge_id == challenge_id).order_by(DbWork.id.desc()))
    )


def units_of(session: Session, work_id: int) -> list[DbUnit]:
    """A work's HITs, or its study."""
    return list(session.scalars(select(DbUnit).where(DbUnit.work_id == work_id).order_by(DbUnit.id)))


def due(session: Session, now: datetime, most: int) -> list[int]:
    """Works that are to be looked at."""
    return list(
        session.scalars(select(DbWork.id).where(DbWork.wake_at <= now).order_by(DbWork.wake_at).limit(most))
    )


def take(session: Session, work_id: int, now: datetime, wake_at: datetime) -> bool:
    """Take a work that is due, until `wake_at`: of those who take at once, one gets it."""
    done = session.execute(
        update(DbWork).where(DbWork.id == work_id, DbWork.wake_at <= now).values(wake_at=wake_at)
    )
    return bool(done.rowcount)  # type: ignore[attr-defined]


def tallies(session: Session, work_ids: Sequence[int]) -> dict[int, dict[str, int]]:
    """How many assignments of each work are in each state."""
    found: dict[int, dict[str, int]] = {work_id: {} for work_id in work_ids}
    rows = session.execute(
        select(DbAssignment.work_id, DbAssignment.state, func.count())
        .where(DbAssignment.work_id.in_(work_ids))
        .group_by(DbAssignment.work_id, DbAssignment.state)
    )
    for work_id, state, count in rows:
        found[work_id][state] = count
    return found


def assignments_of(session: Session, work_id: int, most: int = 500) -> list[DbAssignment]:
    """The assignments of a work, newest first."""
    return list(
        session.scalars(
            select(DbAssignment)
            .where(DbAssignment.work_id == work_id)
            .order_by(DbAssignment.id.desc())
            .limit(most)
        )
    )


def unsettled(session: Session, work_id: int) -> list[DbAssignment]:
    """Assignments of a work of which the platform may still tell something new."""
    return list(
        session.scalars(
            select(DbAssignment)
            .where(DbAssignment.work_id == work_id, DbAssignment.state.in_(("working", "done", "submitted")))
            .order_by(DbAssignment.id)
        )
    )
