"""Queries about writes by API: one row a key, taken up under a fence."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from btm.store.tables import DbCall


def find_call(session: Session, account_id: int, key: str) -> DbCall | None:
    return session.scalar(select(DbCall).where(DbCall.account_id == account_id, DbCall.key == key))


def take_up(session: Session, call: DbCall, now: datetime, lease_until: datetime) -> int | None:
    """Take up a call that began and was let go before anything of it was committed. Returns the new fence, or None where it
    is not to be had."""
    fence = call.fence + 1
    done = session.execute(
        update(DbCall)
        .where(
            DbCall.id == call.id,
            DbCall.fence == call.fence,
            DbCall.state == "begun",
            DbCall.lease_until <= now,
        )
        .values(fence=fence, lease_until=lease_until)
    )
    return fence if done.rowcount else None  # type: ignore[attr-defined]


def mark_acted(session: Session, call_id: int, fence: int) -> bool:
    """Say, in the transaction of the act itself, that it is done. False where somebody else has taken the call up."""
    done = session.execute(
        update(DbCall)
        .where(DbCall.id == call_id, DbCall.fence == fence, DbCall.state == "begun")
        .values(state="acted")
    )
    return bool(done.rowcount)  # type: ignore[attr-defined]


def drop_call(session: Session, call_id: int, fence: int) -> bool:
    """Forget a call of which nothing was committed. False where something was."""
    done = session.execute(
        delete(DbCall).where(DbCall.id == call_id, DbCall.fence == fence, DbCall.state == "begun")
    )
    return bool(done.rowcount)  # type: ignore[attr-defined]


def keep_answer(
    session: Session, call_id: int, fence: int, *, status: int, headers: dict[str, str], body: str
) -> None:
    """The answer to give whenever the call is made again."""
    session.execute(
        update(DbCall)
        .where(DbCall.id == call_id, DbCall.fence == fence)
        .values(state="done", status=status, headers=headers, body=body)
    )


def forget_calls(session: Session, before: datetime) -> None:
    """Delete calls that began before a moment."""
    session.execute(delete(DbCall).where(DbCall.begun_at < before))
