"""Those who judge one topic: what is known of each, how they stand, and the gold that they are measured by."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from btm.store.database import Base, BigId, UtcDateTime
from btm.store.tables_challenges import DbChallenge
from btm.store.tables_play import DbPage


class DbJury(Base):
    """All judges of one topic, as the last exact computation left them.

    `labels` gives the order of every matrix and belief of the topic. `priors` are the class priors. `fitted_to` is the last
    judgement that the computation knew; those after it were added one at a time. `pace` is [mean, sd, count] of ln(seconds).
    """

    __tablename__ = "jury"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    topic: Mapped[str] = mapped_column(String(80), unique=True)
    labels: Mapped[list[str]] = mapped_column(JSON)
    priors: Mapped[list[float]] = mapped_column(JSON)
    pace: Mapped[list[float]] = mapped_column(JSON)
    version: Mapped[int] = mapped_column(default=0)
    fitted_to: Mapped[int] = mapped_column(default=0)
    fitted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class DbJudge(Base):
    """One person as a judge of one topic. `counts`, k rows of k, are the expected counts of [true][given] without the prior that
    stands behind every newcomer. `state` is active or blocked."""

    __tablename__ = "judge"
    __table_args__ = (Index("uq_judge_person", "topic", "account_id", unique=True),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    topic: Mapped[str] = mapped_column(String(80))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    counts: Mapped[list[list[float]]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(10), default="active")
    since: Mapped[datetime] = mapped_column(UtcDateTime)


class DbStandingChange(Base):
    """A judge was blocked or let in again: `action` is blocked or lifted; `why` is gold, collusion or by_hand. Append-only.

    `changed_by` is None where the rules did it. `is_done`: the judgements have been withdrawn, or restored.
    """

    __tablename__ = "standing_change"
    __table_args__ = (Index("ix_standing_change_judge", "judge_id", "id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    judge_id: Mapped[int] = mapped_column(ForeignKey("judge.id"))
    action: Mapped[str] = mapped_column(String(10))
    why: Mapped[str] = mapped_column(String(12))
    note: Mapped[str] = mapped_column(Text, default="")
    changed_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    is_done: Mapped[bool] = mapped_column(default=False)

    judge: Mapped[DbJudge] = relationship(lazy="joined", innerjoin=True)


class DbGold(Base):
    """A page whose true label is known. `source` is marked (by a modeler) or verdict (rotated in); `state` is active or retired;
    `retired_why` is leaked, rotated, disputed or by_hand. `why` is told to those who missed it."""

    __tablename__ = "gold"
    __table_args__ = (
        Index("uq_gold_page", "topic", "page_id", unique=True),
        Index("ix_gold_active", "topic", "state", "truth"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True)
    topic: Mapped[str] = mapped_column(String(80))
    challenge_id: Mapped[int] = mapped_column(ForeignKey("challenge.id"))
    page_id: Mapped[int] = mapped_column(ForeignKey("page.id"))
    item_id: Mapped[
        int | None
    ]  # the review item whose verdict it was; no foreign key, since items refer to their gold
    truth: Mapped[str] = mapped_column(String(40))
    why: Mapped[str] = mapped_column(Text, default="")
    source: Mapped[str] = mapped_column(String(10))
    state: Mapped[str] = mapped_column(String(10), default="active")
    retired_why: Mapped[str] = mapped_column(String(12), default="")
    created_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    retired_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    challenge: Mapped[DbChallenge] = relationship(lazy="raise")
    page: Mapped[DbPage] = relationship(lazy="raise")


class DbDispute(Base):
    """A judge says that a gold answer is wrong. `state` is open, upheld or declined."""

    __tablename__ = "dispute"
    __table_args__ = (Index("ix_dispute_gold", "gold_id", "state"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    gold_id: Mapped[int] = mapped_column(ForeignKey("gold.id"))
    judgement_id: Mapped[int] = mapped_column(ForeignKey("judgement.id"), unique=True)
    judge_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    reason: Mapped[str] = mapped_column(String(300))
    state: Mapped[str] = mapped_column(String(10), default="open")
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answer: Mapped[str] = mapped_column(String(300), default="")

    gold: Mapped[DbGold] = relationship(lazy="raise")


class DbFingerprint(Base):
    """A keyed hash of where and with what an account was used: two accounts that share one may be one person."""

    __tablename__ = "fingerprint"
    __table_args__ = (
        Index("uq_fingerprint_account", "account_id", "value", unique=True),
        Index("ix_fingerprint_value", "value"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    value: Mapped[str] = mapped_column(String(64))
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
