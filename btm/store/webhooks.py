"""Queries about webhooks and their outbox."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, literal_column, or_, select, update
from sqlalchemy.orm import Session

from btm.store.tables import DbChallenge, DbDelivery, DbEntry, DbWebhook


def webhooks_of(session: Session, challenge_id: int) -> list[DbWebhook]:
    """A challenge's living webhooks, oldest first."""
    query = select(DbWebhook).where(DbWebhook.challenge_id == challenge_id, DbWebhook.ended_at.is_(None))
    return list(session.scalars(query.order_by(DbWebhook.id)))


def find_webhook(session: Session, challenge_id: int, public_id: str) -> DbWebhook | None:
    return session.scalar(
        select(DbWebhook).where(
            DbWebhook.challenge_id == challenge_id,
            DbWebhook.public_id == public_id,
            DbWebhook.ended_at.is_(None),
        )
    )


def end_webhook(session: Session, webhook: DbWebhook, now: datetime) -> None:
    """Nothing more is sent there, not even what waits."""
    webhook.ended_at = now
    session.execute(
        update(DbDelivery)
        .where(DbDelivery.webhook_id == webhook.id, DbDelivery.state == "waiting")
        .values(state="failed", wake_at=None, answer="The webhook was taken away")
    )


def pause_webhook(session: Session, webhook: DbWebhook, now: datetime) -> None:
    """What waits is held."""
    webhook.paused_at = now
    _wake(session, webhook, None)


def resume_webhook(session: Session, webhook: DbWebhook, now: datetime) -> None:
    """What was held is sent."""
    webhook.paused_at = None
    _wake(session, webhook, now)


def _wake(session: Session, webhook: DbWebhook, at: datetime | None) -> None:
    waiting = DbDelivery.webhook_id == webhook.id, DbDelivery.state == "waiting"
    session.execute(update(DbDelivery).where(*waiting).values(wake_at=at))


@dataclass(frozen=True, slots=True)
class Told:
    """How telling a webhook goes: how many deliveries wait and have failed, and when one was last taken there."""

    waiting: int = 0
    failed: int = 0
    sent_at: datetime | None = None


def told_of(session: Session, webhook_ids: Sequence[int]) -> dict[int, Told]:
    """By webhook, for those that were told anything yet."""
    query = (
        select(
            DbDelivery.webhook_id,
            func.count().filter(DbDelivery.state == "waiting"),
            func.count().filter(DbDelivery.state == "failed"),
            func.max(DbDelivery.tried_at).filter(DbDelivery.state == "sent"),
        )
        .where(DbDelivery.webhook_id.in_(webhook_ids))
        .group_by(DbDelivery.webhook_id)
    )
    return {key: Told(waiting, failed, at) for key, waiting, failed, at in session.execute(query)}


def deliveries_of(session: Session, webhook_id: int, before: int | None, limit: int) -> list[DbDelivery]:
    """What was told, or is to be told, newest first."""
    query = select(DbDelivery).where(DbDelivery.webhook_id == webhook_id)
    if before is not None:
        query = query.where(DbDelivery.id < before)
    return list(session.scalars(query.order_by(DbDelivery.id.desc()).limit(limit)))


def find_delivery(session: Session, webhook_id: int, public_id: str) -> DbDelivery | None:
    return session.scalar(
        select(DbDelivery).where(DbDelivery.webhook_id == webhook_id, DbDelivery.public_id == public_id)
    )


def take_delivery(
    session: Session, delivery_id: int, now: datetime, until: datetime
) -> tuple[DbDelivery, DbWebhook] | None:
    """Take one that is due; None where somebody else has it, or nothing is to be done."""
    done = session.execute(
        update(DbDelivery)
        .where(
            DbDelivery.id == delivery_id,
            DbDelivery.state == "waiting",
            DbDelivery.wake_at <= now,
            DbDelivery.webhook_id.in_(
                select(DbWebhook.id).where(DbWebhook.ended_at.is_(None), DbWebhook.paused_at.is_(None))
            ),
        )
        .values(fence=DbDelivery.fence + 1, tries=DbDelivery.tries + 1, wake_at=until, tried_at=now)
    )
    if not done.rowcount:  # type: ignore[attr-defined]
        return None
    row = session.execute(
        select(DbDelivery, DbWebhook)
        .join(DbWebhook, DbWebhook.id == DbDelivery.webhook_id)
        .where(DbDelivery.id == delivery_id)
    ).one()
    return row[0], row[1]


def close_try(
    session: Session, delivery_id: int, fence: int, *, state: str, wake_at: datetime | None, answer: str
) -> None:
    """Say how a try went; the taker after us says it otherwise."""
    session.execute(
        update(DbDelivery)
        .where(DbDelivery.id == delivery_id, DbDelivery.fence == fence, DbDelivery.state == "waiting")
        .values(state=state, wake_at=wake_at, answer=answer[:200])
    )


def due_deliveries(session: Session, now: datetime, most: int) -> list[int]:
    return list(
        session.scalars(
            select(DbDelivery.id).where(DbDelivery.wake_at <= now).order_by(DbDelivery.wake_at).limit(most)
        )
    )


def forget_deliveries(session: Session, before: datetime) -> None:
    """Delete what was told, given up or held since before a moment."""
    done = or_(DbDelivery.state != "waiting", DbDelivery.wake_at.is_(None))
    session.execute(delete(DbDelivery).where(DbDelivery.created_at < before, done))


def watching_budgets(session: Session) -> list[tuple[DbChallenge, int]]:
    """Live challenges with webhooks, each with the id of the ledger's entry by which points were put in last."""
    last = (
        select(func.max(DbEntry.id))
        .where(DbEntry.challenge_id == DbChallenge.id, DbEntry.kind == literal_column("'fund'"))
        .scalar_subquery()
    )
    watched = select(DbWebhook.challenge_id).where(DbWebhook.ended_at.is_(None))
    rows = session.execute(
        select(DbChallenge, last).where(DbChallenge.state == "live", DbChallenge.id.in_(watched))
    )
    return [(challenge, funded or 0) for challenge, funded in rows]
