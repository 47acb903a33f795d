"""The ledger: append-only, in points."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from btm.store.database import Base, BigId, UtcDateTime


class DbEntry(Base):
    """One movement of points between a challenge's budget, what is promised, and a worker. See btm.rules.money."""

    __tablename__ = "ledger"
    __table_args__ = (
        CheckConstraint("kind IN ('fund', 'payout') OR budget + escrow + worker = 0", name="balanced"),
        Index("ix_ledger_account", "account_id", "id"),
        Index("ix_ledger_challenge", "challenge_id", "at"),
        Index("ix_ledger_submission", "submission_id"),
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
