"""Review items, judgements, and what verification found."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from btm.store.database import Base, BigId, UtcDateTime
from btm.store.tables_challenges import DbChallenge
from btm.store.tables_play import DbPage


class DbReviewItem(Base):
    """One page of one challenge that waits for judgements. The lease is in the row: whoever holds the token may judge."""

    __tablename__ = "review_item"
    __table_args__ = (
        Index("uq_review_item_page", "challenge_id", "page_id", "origin", unique=True),
        Index("ix_review_item_queue", "challenge_id", "state", "priority", "shuffle"),
        Index("ix_review_item_deadline", "state", "deadline_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True)
    challenge_id: Mapped[int] = mapped_column(ForeignKey("challenge.id"))
    page_id: Mapped[int] = mapped_column(ForeignKey("page.id"))
    origin: Mapped[str] = mapped_column(String(12))
    submission_id: Mapped[int | None] = mapped_column(ForeignKey("submission.id"), unique=True)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))  # never asked to judge it
    state: Mapped[str] = mapped_column(
        String(12), default="open"
    )  # open, decided, undecided, withdrawn, settled
    priority: Mapped[float] = mapped_column(default=0.0)
    shuffle: Mapped[float]
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    deadline_at: Mapped[datetime] = mapped_column(UtcDateTime)
    lease_judge_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    lease_token: Mapped[str] = mapped_column(String(64), default="")
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    verdict: Mapped[str | None] = mapped_column(String(40))
    verdict_probability: Mapped[float | None]
    expected_cost: Mapped[float | None]
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    challenge: Mapped[DbChallenge] = relationship(lazy="joined", innerjoin=True)
    page: Mapped[DbPage] = relationship(lazy="raise")


class DbJudgement(Base):
    """One judge's answer to one item: a label, or why none could be given. Never two by one person."""

    __tablename__ = "judgement"
    __table_args__ = (
        Index("uq_judgement_item_judge", "item_id", "judge_id", unique=True),
        Index("ix_judgement_judge", "judge_id", "judged_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("review_item.id"))
    judge_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    label: Mapped[str | None] = mapped_column(String(40))
    cannot: Mapped[str | None] = mapped_column(String(20))
    seconds: Mapped[float]
    judged_at: Mapped[datetime] = mapped_column(UtcDateTime)


class DbOutcome(Base):
    """A verified probe: what the page is, what the machine said, and so whether it is a known unknown.

    Rows of one challenge are written under its lock, so a reader that has seen id N has seen all before it.
    """

    __tablename__ = "outcome"
    __table_args__ = (Index("ix_outcome_challenge", "challenge_id", "id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    challenge_id: Mapped[int] = mapped_column(ForeignKey("challenge.id"))
    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id"), unique=True)
    page_id: Mapped[int] = mapped_column(ForeignKey("page.id"))
    truth: Mapped[str] = mapped_column(String(40))
    assigned: Mapped[str] = mapped_column(String(40))
    is_error: Mapped[bool]
    severity: Mapped[float]
    probability: Mapped[float]
    points: Mapped[int]
    label_counts: Mapped[dict[str, int]] = mapped_column(JSON)
    settled_at: Mapped[datetime] = mapped_column(UtcDateTime)
