"""How good machines are, and the long work that makes and measures them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from btm.store.database import Base, BigId, UtcDateTime
from btm.store.tables_challenges import DbChallenge, DbMachine


class DbEvaluation(Base):
    """One measurement of a machine's version. `report` is what classifiers.reporting made of it."""

    __tablename__ = "evaluation"
    __table_args__ = (Index("ix_evaluation_machine", "machine_id", "id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    machine_id: Mapped[int] = mapped_column(ForeignKey("machine.id"))
    data: Mapped[str] = mapped_column(String(200))
    rows: Mapped[int]
    report: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    machine: Mapped[DbMachine] = relationship(lazy="raise")


class DbTask(Base):
    """Long work in the background: kind train, evaluate, audit, round, replay, first (a first machine from examples) or pool (an import); state queued, running, done or failed.

    The row is the truth, as with submissions: `fence` counts takings, `wake_at` is when a sweep should look at it again.
    `input` says what to do, with the key of an uploaded file in the snapshot store.
    """

    __tablename__ = "task"
    __table_args__ = (
        Index("ix_task_wake", "state", "wake_at"),
        Index("ix_task_challenge", "challenge_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True)
    kind: Mapped[str] = mapped_column(String(12))
    state: Mapped[str] = mapped_column(String(12), default="queued")
    progress: Mapped[float] = mapped_column(default=0.0)
    message: Mapped[str] = mapped_column(Text, default="")
    input: Mapped[dict[str, Any]] = mapped_column(JSON)
    result: Mapped[dict[str, Any]] = mapped_column(JSON)
    fence: Mapped[int] = mapped_column(default=0)
    wake_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    challenge_id: Mapped[int] = mapped_column(ForeignKey("challenge.id"))
    created_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))  # None: the operator
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    challenge: Mapped[DbChallenge] = relationship(lazy="joined", innerjoin=True)
