"""Review items, judgements, and what verification found."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from btm.store.database import Base, BigId, UtcDateTime
from btm.store.tables_challenges import DbChallenge
from btm.store.tables_play import DbPage

FOR_ANYONE = text("for_judge_id IS NULL")
WAITS_FOR_ANYONE = text("state = 'open' AND for_judge_id IS NULL")
IS_LEASED = text("lease_judge_id IS NOT NULL")
IS_FOR_ONE = text("for_judge_id IS NOT NULL")
IS_STALE = text("is_stale")


class DbReviewItem(Base):
    """One page of one challenge that waits for judgements. The lease is in the row: whoever holds the token may judge.

    `topic` is the challenge's: one queue a topic. `belief` is the log-likelihood of the judgements under each label, in the order
    of the jury's labels. Only judgements of the item's `round` count: an appeal begins a new one, before fresh judges. `reopened`
    counts how often a verdict was taken up again. A gold item is made for one judge (`for_judge_id`), so that it hands out like any
    other. `given`: labels that came with an imported page, counted in the order of the jury's labels; `ranked_by` (lu, mu, lmu): what
    orders imported pages. `is_stale`: judgements were withdrawn or restored, and what follows from that is still to be done.
    """

    __tablename__ = "review_item"
    __table_args__ = (
        Index(
            "uq_review_item_page", "challenge_id", "page_id", "origin",
            unique=True, sqlite_where=FOR_ANYONE, postgresql_where=FOR_ANYONE,
        ),
        Index("uq_review_item_gold", "gold_id", "for_judge_id", unique=True),
        Index(
            "ix_review_item_queue", "topic", "priority", "shuffle",
            sqlite_where=WAITS_FOR_ANYONE, postgresql_where=WAITS_FOR_ANYONE,
        ),
        Index("ix_review_item_lease", "lease_judge_id", sqlite_where=IS_LEASED, postgresql_where=IS_LEASED),
        Index("ix_review_item_for_judge", "for_judge_id", sqlite_where=IS_FOR_ONE, postgresql_where=IS_FOR_ONE),
        Index("ix_review_item_page", "page_id"),
        Index("ix_review_item_stale", "id", sqlite_where=IS_STALE, postgresql_where=IS_STALE),
        Index("ix_review_item_deadline", "state", "deadline_at"),
        Index("ix_review_item_challenge", "challenge_id", "state", "id"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True)
    challenge_id: Mapped[int] = mapped_column(ForeignKey("challenge.id"))
    page_id: Mapped[int] = mapped_column(ForeignKey("page.id"))
    topic: Mapped[str] = mapped_column(String(80))
    origin: Mapped[str] = mapped_column(String(12))
    submission_id: Mapped[int | None] = mapped_column(ForeignKey("submission.id"), unique=True)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))  # never asked to judge it
    state: Mapped[str] = mapped_column(
        String(12), default="open"
    )  # open, decided, undecided, withdrawn, settled
    gold_id: Mapped[int | None] = mapped_column(ForeignKey("gold.id"))
    for_judge_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    priority: Mapped[float] = mapped_column(default=0.0)
    shuffle: Mapped[float]
    model_uncertainty: Mapped[float] = mapped_column(default=1.0, server_default="1")
    stake: Mapped[float] = mapped_column(default=1.0, server_default="1")  # share of the most a page may pay
    belief: Mapped[list[float] | None] = mapped_column(JSON)
    given: Mapped[list[int] | None] = mapped_column(JSON)
    ranked_by: Mapped[str] = mapped_column(String(4), default="", server_default="")
    round: Mapped[int] = mapped_column(default=0, server_default="0")
    reopened: Mapped[int] = mapped_column(default=0, server_default="0")
    is_stale: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    deadline_at: Mapped[datetime] = mapped_column(UtcDateTime)
    lease_judge_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    lease_token: Mapped[str] = mapped_column(String(64), default="")
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    lease_ready_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # no answer counts before
    judging_price: Mapped[int | None]  # what a judgement pays at most, and
    max_judgements: Mapped[int | None]  # how many are paid for: as promised when it was put up. None for gold
    lease_price: Mapped[int] = mapped_column(default=0, server_default="0")  # what the holder was offered
    verdict: Mapped[str | None] = mapped_column(String(40))
    verdict_probability: Mapped[float | None]
    expected_cost: Mapped[float | None]
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))  # a modeler, at the desk
    decided_why: Mapped[str] = mapped_column(Text, default="", server_default="")

    challenge: Mapped[DbChallenge] = relationship(lazy="joined", innerjoin=True)
    page: Mapped[DbPage] = relationship(lazy="raise")


class DbJudgement(Base):
    """One judge's answer to one item: a label, or why none could be given. Never two by one person.

    `cannot` is "other" where the judge says what else it is, in `other`. A withdrawn judgement counts for nothing.
    """

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
    other: Mapped[str] = mapped_column(String(200), default="", server_default="")
    reason: Mapped[str] = mapped_column(String(300), default="", server_default="")
    seconds: Mapped[float]
    judged_at: Mapped[datetime] = mapped_column(UtcDateTime)
    round: Mapped[int] = mapped_column(default=0, server_default="0")
    is_hasty: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    withdrawn_by: Mapped[int | None] = mapped_column(ForeignKey("standing_change.id"))


class DbOutcome(Base):
    """A verified probe: what the page is, what the machine said, and so whether it is a known unknown.

    Rows of one challenge are written under its lock, so a reader that has seen id N has seen all before it.
    """

    __tablename__ = "outcome"
    __table_args__ = (
        Index("ix_outcome_challenge", "challenge_id", "id"),
        Index(
            "ix_outcome_error", "challenge_id", "id", "settled_at",
            sqlite_where=text("is_error = 1"), postgresql_where=text("is_error"),
        ),
        Index("ix_outcome_settled", "settled_at", sqlite_where=text("is_error = 1"), postgresql_where=text("is_error")),
    )  # fmt: skip

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
