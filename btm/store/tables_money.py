"""The ledger (append-only, in points), payments out of it, and what decides on a challenge's spending."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from btm.store.database import Base, BigId, UtcDateTime

FUND_SQL = text("kind = 'fund'")


class DbEntry(Base):
    """One movement of points between a challenge's budget, what is promised, and a worker. See btm.rules.money."""

    __tablename__ = "ledger"
    __table_args__ = (
        CheckConstraint("kind IN ('fund', 'payout') OR budget + escrow + worker = 0", name="balanced"),
        Index("ix_ledger_account", "account_id", "id", "worker"),
        Index("ix_ledger_account_at", "account_id", "at"),
        Index("ix_ledger_challenge", "challenge_id", "at"),
        Index("ix_ledger_budget", "challenge_id", "id", "budget", "escrow"),
        Index("ix_ledger_submission", "submission_id"),
        Index(
            "ix_ledger_fund", "challenge_id", "id", "budget", sqlite_where=FUND_SQL, postgresql_where=FUND_SQL
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    key: Mapped[str] = mapped_column(String(120), unique=True)
    kind: Mapped[str] = mapped_column(String(12))
    challenge_id: Mapped[int] = mapped_column(ForeignKey("challenge.id"))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    submission_id: Mapped[int | None] = mapped_column(ForeignKey("submission.id"))
    budget: Mapped[int]
    escrow: Mapped[int]
    worker: Mapped[int]
    reason: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class DbCheckpoint(Base):
    """The sums of a challenge's `budget` and `escrow` columns over all its ledger rows with an id up to `up_to_id`. See
    btm.store.checkpoints."""

    __tablename__ = "ledger_checkpoint"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    challenge_id: Mapped[int] = mapped_column(ForeignKey("challenge.id"), unique=True)
    up_to_id: Mapped[int]
    budget: Mapped[int]
    escrow: Mapped[int]


PAYING_SQL = text("state = 'paying'")


class DbPayoutBatch(Base):
    """Payments of one platform that are made together. Its states are those of btm.rules.payouts.

    As long as `wake_at` is set, a worker has something to do for it (pay, or ask the platform what it knows); it is then a lease, and
    `fence` counts takings. `differences`: what the platform or the bank says otherwise than our rows.
    """

    __tablename__ = "payout_batch"
    __table_args__ = (
        # A platform without keys of its own can only be asked safely about one payment to somebody at a time.
        Index("uq_payout_batch_paying", "platform", unique=True, sqlite_where=PAYING_SQL, postgresql_where=PAYING_SQL),
        Index("ix_payout_batch_wake", "wake_at"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True)
    platform: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(12))
    cutoff: Mapped[datetime] = mapped_column(UtcDateTime)
    least_cents: Mapped[int]
    message: Mapped[str] = mapped_column(Text, default="")
    differences: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    fence: Mapped[int] = mapped_column(default=0)
    wake_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))  # None: the operator
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    frozen_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    frozen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    approved_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    approved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    paid_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reconciled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    cancelled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class DbPayout(Base):
    """One payment of a batch: pending, sending, paid, refused, unsure, returned (refused, and given back) or cancelled.

    `key` is our own name for it, on every platform and for ever; `worker` and `assignment` are the platform's ids. `parts`: the
    points that went for it, as [challenge id, points, points per dollar]. `tried_at`: when it was first sent off.
    """

    __tablename__ = "payout"
    __table_args__ = (
        Index("uq_payout_worker", "batch_id", "account_id", unique=True),
        Index("ix_payout_state", "batch_id", "state", "id"),
        Index("ix_payout_account", "account_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("payout_batch.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    key: Mapped[str] = mapped_column(String(60), unique=True)
    worker: Mapped[str] = mapped_column(String(200))
    assignment: Mapped[str] = mapped_column(String(200))
    cents: Mapped[int]
    points: Mapped[int]
    parts: Mapped[list[list[int]]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(10))
    reference: Mapped[str] = mapped_column(String(300), default="")
    note: Mapped[str] = mapped_column(Text, default="")
    tries: Mapped[int] = mapped_column(default=0)
    tried_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class DbPayoutHold(Base):
    """Points for a find that were left out of a batch when it was frozen, because its page waited to be looked at again.

    `why` and `until` as in btm.rules.holding. A page that was held from a batch did not go into it, and may go into a later one.
    """

    __tablename__ = "payout_hold"
    __table_args__ = (
        Index("uq_payout_hold", "batch_id", "submission_id", unique=True),
        Index("ix_payout_hold_submission", "submission_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("payout_batch.id"))
    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id"))
    points: Mapped[int]
    why: Mapped[str] = mapped_column(String(10))
    until: Mapped[datetime] = mapped_column(UtcDateTime)


class DbRelease(Base):
    """A modeler's word that points for a find may be paid out, whatever was found at its address since."""

    __tablename__ = "payout_release"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id"), unique=True)
    released_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class DbStop(Base):
    """When a challenge is to stop taking pages; a condition that is None does not count. See btm.rules.stops."""

    __tablename__ = "stop"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    challenge_id: Mapped[int] = mapped_column(ForeignKey("challenge.id"), unique=True)
    until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finds: Mapped[int | None]
    spent: Mapped[int | None]
    keep_free: Mapped[int | None]


SEARCHING_SQL = text("state = 'running'")


class DbSearch(Base):
    """A search for the lowest reward that still brings pages, and good ones: `setting` is halved until `pace` or `quality` fall below
    these shares of what they were at first. States: running, found, stopped."""

    __tablename__ = "reward_search"
    __table_args__ = (
        Index(
            "uq_reward_search_running", "challenge_id",
            unique=True, sqlite_where=SEARCHING_SQL, postgresql_where=SEARCHING_SQL,
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True)
    challenge_id: Mapped[int] = mapped_column(ForeignKey("challenge.id"))
    setting: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(10))
    keep_pace: Mapped[float]
    keep_quality: Mapped[float]
    least_hours: Mapped[float]
    least_pages: Mapped[int]
    message: Mapped[str] = mapped_column(Text, default="")
    created_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class DbSearchStep(Base):
    """One value of a search's setting: from when to when it held, and what was measured meanwhile."""

    __tablename__ = "reward_step"
    __table_args__ = (Index("uq_reward_step", "search_id", "number", unique=True),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    search_id: Mapped[int] = mapped_column(ForeignKey("reward_search.id"))
    number: Mapped[int]
    value: Mapped[int]
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    pages: Mapped[int | None]
    finds: Mapped[int | None]
    pace: Mapped[float | None]
    quality: Mapped[float | None]
    points: Mapped[int | None]
    verdict: Mapped[str] = mapped_column(String(20), default="")
