"""Queries about long work in the background."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from btm.store.tables import DbTask


def take_task(session: Session, task_id: int, now: datetime, until: datetime) -> DbTask | None:
    """Claim a task for a worker until `until`: one conditional UPDATE. None where another has it, or it is done."""
    taken = session.scalar(
        update(DbTask)
        .where(
            DbTask.id == task_id,
            or_(DbTask.state == "queued", (DbTask.state == "running") & (DbTask.wake_at < now)),
        )
        .values(state="running", fence=DbTask.fence + 1, wake_at=until)
        .returning(DbTask.id)
    )
    return session.get(DbTask, taken, populate_existing=True) if taken is not None else None


def hold_task(session: Session, task_id: int, fence: int, **values: Any) -> bool:
    """Write to a running task, if this worker still holds it. Returns whether it does."""
    held = session.scalar(
        update(DbTask)
        .where(DbTask.id == task_id, DbTask.fence == fence, DbTask.state == "running")
        .values(**values)
        .returning(DbTask.id)
    )
    return held is not None


def due_tasks(session: Session, now: datetime, limit: int) -> list[int]:
    """Tasks that wait for a worker, or whose worker has vanished."""
    return list(
        session.scalars(
            select(DbTask.id)
            .where(DbTask.state.in_(("queued", "running")), DbTask.wake_at < now)
            .order_by(DbTask.wake_at)
            .limit(limit)
        )
    )


def find_task(session: Session, public_id: str) -> DbTask | None:
    """The task with this public id."""
    return session.scalar(select(DbTask).where(DbTask.public_id == public_id))


def tasks_of(session: Session, challenge_id: int, limit: int) -> list[DbTask]:
    """The latest tasks of a challenge, newest first."""
    return list(
        session.scalars(
            select(DbTask).where(DbTask.challenge_id == challenge_id).order_by(DbTask.id.desc()).limit(limit)
        )
    )


def find_open(session: Session, challenge_id: int, kind: str) -> DbTask | None:
    """The oldest task of a kind that a challenge has under way."""
    return session.scalar(
        select(DbTask)
        .where(
            DbTask.challenge_id == challenge_id,
            DbTask.kind == kind,
            DbTask.state.in_(("queued", "running")),
        )
        .order_by(DbTask.id)
        .limit(1)
    )


def count_open(session: Session, challenge_id: int) -> int:
    """How many tasks of a challenge that somebody asked for are not finished."""
    query = select(func.count()).where(
        DbTask.challenge_id == challenge_id,
        DbTask.kind != "replay",
        DbTask.state.in_(("queued", "running")),
    )
    return int(session.scalar(query) or 0)
