"""Queries about batches of payments and the payments in them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from btm.rules.payouts import ON_THE_WAY
from btm.store.tables import DbAccount, DbChallenge, DbEntry, DbPayout, DbPayoutBatch


def find_batch(session: Session, public_id: str, *, lock: bool = False) -> DbPayoutBatch | None:
    """The batch with this public id."""
    query = select(DbPayoutBatch).where(DbPayoutBatch.public_id == public_id)
    return session.scalar(query.with_for_update() if lock else query)


def batches(session: Session, before: int | None, limit: int) -> list[DbPayoutBatch]:
    """Batches, newest first."""
    query = select(DbPayoutBatch).order_by(DbPayoutBatch.id.desc()).limit(limit)
    return list(session.scalars(query if before is None else query.where(DbPayoutBatch.id < before)))


def counts(session: Session, batch_ids: Sequence[int]) -> dict[int, dict[str, tuple[int, int, int]]]:
    """By batch and state of its payments: how many, their cents, their points."""
    found: dict[int, dict[str, tuple[int, int, int]]] = {batch_id: {} for batch_id in batch_ids}
    rows = session.execute(
        select(
            DbPayout.batch_id, DbPayout.state, func.count(), func.sum(DbPayout.cents), func.sum(DbPayout.points)
        )
        .where(DbPayout.batch_id.in_(list(batch_ids)))
        .group_by(DbPayout.batch_id, DbPayout.state)
    )  # fmt: skip
    for batch_id, state, number, cents, points in rows:
        found[batch_id][state] = (int(number), int(cents), int(points))
    return found


def payouts_of(
    session: Session, batch_id: int, *, after: int = 0, limit: int | None = None, state: str | None = None
) -> list[tuple[DbPayout, str]]:
    """Payments of a batch with the handles of those who get them, oldest first."""
    query = (
        select(DbPayout, DbAccount.handle)
        .join(DbAccount, DbAccount.id == DbPayout.account_id)
        .where(DbPayout.batch_id == batch_id, DbPayout.id > after)
        .order_by(DbPayout.id)
        .limit(limit)
    )
    if state is not None:
        query = query.where(DbPayout.state == state)
    return [(payout, handle or "") for payout, handle in session.execute(query)]


def unpaid(
    session: Session, account_ids: Sequence[int], cutoff: datetime
) -> dict[int, list[tuple[int, int, dict[str, Any]]]]:
    """By account: what was earned up to `cutoff` and is not paid out, as (challenge id, points, rules of the challenge). What was
    taken back, frozen or given back counts whenever that was."""
    found: dict[int, list[tuple[int, int, dict[str, Any]]]] = {}
    rows = session.execute(
        select(DbEntry.account_id, DbEntry.challenge_id, func.sum(DbEntry.worker), DbChallenge.rules)
        .join(DbChallenge, DbChallenge.id == DbEntry.challenge_id)
        .where(
            DbEntry.account_id.is_not(None),
            or_(DbEntry.at <= cutoff, DbEntry.worker < 0, DbEntry.kind == "payout"),
        )
        .group_by(DbEntry.account_id, DbEntry.challenge_id, DbChallenge.id)
    )
    wanted = set(account_ids)
    for account_id, challenge_id, points, rules in rows:
        if account_id in wanted:
            found.setdefault(account_id, []).append((challenge_id, int(points), rules))
    return found


def take_batch(session: Session, batch_id: int, now: datetime, until: datetime) -> DbPayoutBatch | None:
    """Claim a batch for a worker until `until`: one conditional UPDATE. None where there is nothing to do, or another has it."""
    taken = session.scalar(
        update(DbPayoutBatch)
        .where(DbPayoutBatch.id == batch_id, DbPayoutBatch.wake_at <= now)
        .values(fence=DbPayoutBatch.fence + 1, wake_at=until)
        .returning(DbPayoutBatch.id)
    )
    return session.get(DbPayoutBatch, taken, populate_existing=True) if taken is not None else None


def hold_batch(session: Session, batch_id: int, fence: int, **values: Any) -> bool:
    """Write to a batch, if this worker still holds it. Returns whether it does."""
    held = session.scalar(
        update(DbPayoutBatch)
        .where(
            DbPayoutBatch.id == batch_id, DbPayoutBatch.fence == fence, DbPayoutBatch.wake_at.is_not(None)
        )
        .values(**values)
        .returning(DbPayoutBatch.id)
    )  # fmt: skip
    return held is not None


def due_batches(session: Session, now: datetime) -> list[int]:
    """Batches for which there is something to do, and nobody does it."""
    return list(session.scalars(select(DbPayoutBatch.id).where(DbPayoutBatch.wake_at <= now)))


def next_payout(session: Session, batch_id: int, after: int) -> DbPayout | None:
    """The next payment of a batch that has to be seen to."""
    return session.scalar(
        select(DbPayout)
        .where(DbPayout.batch_id == batch_id, DbPayout.state.in_(ON_THE_WAY), DbPayout.id > after)
        .order_by(DbPayout.id)
        .limit(1)
    )


def settle_payout(session: Session, payout_id: int, state: str, **values: Any) -> None:
    """Write down how a payment ended. That it was paid is written whatever was thought meanwhile; anything else, only while
    nothing is known."""
    query = update(DbPayout).where(DbPayout.id == payout_id)
    query = query.where(DbPayout.state != "paid" if state == "paid" else DbPayout.state == "sending")
    session.execute(query.values(state=state, **values))


def paid_before(session: Session, platform: str, payout: DbPayout) -> tuple[int, ...]:
    """The cents of every other payment to the same worker and assignment of a platform that is on record as paid."""
    rows = session.scalars(
        select(DbPayout.cents)
        .join(DbPayoutBatch, DbPayoutBatch.id == DbPayout.batch_id)
        .where(
            DbPayout.account_id == payout.account_id,
            DbPayout.worker == payout.worker,
            DbPayout.assignment == payout.assignment,
            DbPayout.state == "paid",
            DbPayout.id != payout.id,
            DbPayoutBatch.platform == platform,
        )
    )
    return tuple(rows)


def move_all(session: Session, batch_id: int, before: str, after: str, **values: Any) -> int:
    """Bring all payments of a batch from one state to another. Returns how many."""
    rows = session.scalars(
        update(DbPayout)
        .where(DbPayout.batch_id == batch_id, DbPayout.state == before)
        .values(state=after, **values)
        .returning(DbPayout.id)
    )
    return len(rows.all())


def begin_paying(session: Session, batch: DbPayoutBatch, now: datetime) -> bool:
    """Bring a batch to `paying`, unless another one of its platform is being paid: a unique index decides. Returns whether it is."""
    try:
        with session.begin_nested():
            batch.state, batch.wake_at, batch.message = "paying", now, ""
            session.flush()
    except IntegrityError:
        return False
    return True


def lock_held(session: Session, batch_id: int, fence: int) -> DbPayoutBatch | None:
    """The batch, locked, if this worker still holds it."""
    return session.scalar(
        select(DbPayoutBatch)
        .where(
            DbPayoutBatch.id == batch_id, DbPayoutBatch.fence == fence, DbPayoutBatch.wake_at.is_not(None)
        )
        .with_for_update()
    )  # fmt: skip
