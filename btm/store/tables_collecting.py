"""Verified examples that players brought before there was a machine, and how a pool's labels and models get better."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from btm.store.database import Base, BigId, UtcDateTime


class DbExample(Base):
    """A page that a player brought while examples were collected, and what people found it to be.

    It is no outcome: no machine was asked about it, so it is neither a known unknown nor a probe that failed. `site` is the
    registrable domain. Rows of one challenge are written under its lock, as outcomes are.
    """

    __tablename__ = "example"
    __table_args__ = (
        Index("ix_example_challenge", "challenge_id", "id"),
        Index("ix_example_site", "challenge_id", "site"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    challenge_id: Mapped[int] = mapped_column(ForeignKey("challenge.id"))
    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id"), unique=True)
    page_id: Mapped[int] = mapped_column(ForeignKey("page.id"))
    truth: Mapped[str] = mapped_column(String(40))
    claimed: Mapped[str] = mapped_column(String(40))
    site: Mapped[str] = mapped_column(String(255))
    probability: Mapped[float]
    points: Mapped[int]
    label_counts: Mapped[dict[str, int]] = mapped_column(JSON)
    settled_at: Mapped[datetime] = mapped_column(UtcDateTime)


class DbPoolPoint(Base):
    """How good a pool's labels and the models learned from them were, after so many judgements. One row a count of judgements.

    `label_quality` and `model_quality` are 0 to 1, None where there is nothing to measure on; `detail` says how they were measured.
    """

    __tablename__ = "pool_point"
    __table_args__ = (Index("uq_pool_point", "challenge_id", "judgements", unique=True),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    challenge_id: Mapped[int] = mapped_column(ForeignKey("challenge.id"))
    judgements: Mapped[int]
    pages: Mapped[int]
    label_quality: Mapped[float | None]
    model_quality: Mapped[float | None]
    detail: Mapped[dict[str, Any]] = mapped_column(JSON)
    measured_at: Mapped[datetime] = mapped_column(UtcDateTime)
