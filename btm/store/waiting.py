"""Queries about submissions that wait: for a worker, for a machine, for their player."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from btm.store.tables import DbChallenge, DbSubmission


def wake_waiting(session: Session, machine_id: int, now: datetime) -> None:
    """The machine answers again: have every submission that waits for it looked at by the next sweep."""
    waiting = (
        select(DbSubmission.id)
        .join(DbChallenge, DbChallenge.id == DbSubmission.challenge_id)
        .where(
            DbChallenge.machine_id == machine_id,
            DbSubmission.state == "queued",
            DbSubmission.step == "waiting",
            DbSubmission.wake_at > now,
        )
        .with_for_update(of=DbSubmission, skip_locked=True)
    )
    session.execute(
        update(DbSubmission)
        .where(DbSubmission.id.in_(session.scalars(waiting).all()))
        .values(wake_at=now)
        .execution_options(synchronize_session=False)
    )


def due(session: Session, now: datetime, limit: int) -> list[int]:
    """Submissions that wait for a worker, or whose worker has vanished."""
    return list(
        session.scalars(
            select(DbSubmission.id)
            .where(DbSubmission.state.in_(("queued", "fetching")), DbSubmission.wake_at < now)
            .order_by(DbSubmission.wake_at)
            .limit(limit)
        )
    )


def expire_quotes(session: Session, now: datetime) -> int:
    """Withdraw quotes that nobody took up in time. Returns how many."""
    done = session.execute(
        update(DbSubmission)
        .where(DbSubmission.state == "quoted", DbSubmission.wake_at < now)
        .values(state="withdrawn", wake_at=None)
    )
    return int(done.rowcount)  # type: ignore[attr-defined]
