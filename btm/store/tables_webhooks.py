"""Webhooks: where to tell what happens in a challenge, and the outbox of what is to be told."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from btm.store.database import Base, BigId, UtcDateTime


class DbWebhook(Base):
    """Somebody's address that wants to know. `secret` signs what is sent there, and so is kept as it is."""

    __tablename__ = "webhook"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True)
    challenge_id: Mapped[int] = mapped_column(ForeignKey("challenge.id"), index=True)
    url: Mapped[str] = mapped_column(String(2000))
    secret: Mapped[str] = mapped_column(String(80))
    events: Mapped[list[str]] = mapped_column(JSON)
    created_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    paused_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class DbDelivery(Base):
    """One thing to tell one address: written with what it tells, and sent afterwards. state: waiting, sent or failed. `wake_at`: when
    to try next, and None while the webhook is paused; `fence` counts the takings."""

    __tablename__ = "delivery"
    __table_args__ = (
        Index("uq_delivery_key", "webhook_id", "key", unique=True),
        Index("ix_delivery_wake", "wake_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True)
    webhook_id: Mapped[int] = mapped_column(ForeignKey("webhook.id"))
    key: Mapped[str] = mapped_column(String(120))
    event: Mapped[str] = mapped_column(String(30))
    body: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(10))
    fence: Mapped[int]
    tries: Mapped[int]
    wake_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    tried_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answer: Mapped[str] = mapped_column(String(200))
