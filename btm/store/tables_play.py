"""Pages, submissions, their quotes, and what claims a page for one submission."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, LargeBinary, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from btm.rules.submissions import ON_THE_WAY
from btm.store.database import Base, BigId, UtcDateTime
from btm.store.tables_challenges import DbChallenge, DbMachine
from btm.store.tables_people import DbAccount

ON_THE_WAY_SQL = text(f"state IN ({', '.join(repr(state) for state in ON_THE_WAY)})")


class DbPage(Base):
    """One immutable fetch of one URL."""

    __tablename__ = "page"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    url: Mapped[str] = mapped_column(Text)
    canonical_url: Mapped[str] = mapped_column(Text)
    final_url: Mapped[str] = mapped_column(Text)
    final_canonical_url: Mapped[str] = mapped_column(Text)
    redirects: Mapped[list[Any]] = mapped_column(JSON)
    fetched_at: Mapped[datetime] = mapped_column(UtcDateTime)
    status: Mapped[int]
    content_type: Mapped[str] = mapped_column(String(100))
    content_hash: Mapped[str] = mapped_column(String(64), index=True)
    snapshot: Mapped[str] = mapped_column(
        String(64), index=True
    )  # SHA-256 of the raw bytes, and their key in the snapshot store
    title: Mapped[str] = mapped_column(Text)
    description: Mapped[str] = mapped_column(Text)
    headings: Mapped[list[str]] = mapped_column(JSON)
    links: Mapped[list[str]] = mapped_column(JSON)
    language: Mapped[str] = mapped_column(String(10))
    text: Mapped[str] = mapped_column(Text)
    blocks: Mapped[list[list[str]]] = mapped_column(JSON)  # [kind, text] in reading order
    signature: Mapped[bytes] = mapped_column(LargeBinary)


class DbSubmission(Base):
    """One player's claim that a page is the challenge's target, or, where examples are collected, that it is `claimed`. The row is the truth about where it stands; the queue only rings.

    `fence` counts how often a worker took it: only the last one may write. `tries` counts those takings that nobody ended properly.
    `wake_at` is when a sweep should look at it again; `waiting_since` is when it began to wait for a machine that does not answer.
    """

    __tablename__ = "submission"
    __table_args__ = (
        Index(
            "uq_submission_on_the_way", "challenge_id", "player_id", "canonical_url",
            unique=True, sqlite_where=ON_THE_WAY_SQL, postgresql_where=ON_THE_WAY_SQL,
        ),
        Index("ix_submission_player", "player_id", "id"),
        Index("ix_submission_challenge_state", "challenge_id", "state", "id"),
        Index("ix_submission_wake", "state", "wake_at"),
        Index("ix_submission_page", "page_id"),
        Index("ix_submission_site", "site", "created_at"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True)
    challenge_id: Mapped[int] = mapped_column(ForeignKey("challenge.id"))
    player_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    url: Mapped[str] = mapped_column(Text)
    canonical_url: Mapped[str] = mapped_column(String(2048))
    site: Mapped[str] = mapped_column(String(255), default="", server_default="")  # its registrable domain
    claimed: Mapped[str] = mapped_column(String(40), default="", server_default="")
    state: Mapped[str] = mapped_column(String(12), default="queued")
    step: Mapped[str] = mapped_column(String(12), default="")
    fence: Mapped[int] = mapped_column(default=0)
    tries: Mapped[int] = mapped_column(default=0, server_default="0")
    wake_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    waiting_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    page_id: Mapped[int | None] = mapped_column(ForeignKey("page.id"))
    refusal: Mapped[str] = mapped_column(String(24), default="")
    repeats_id: Mapped[int | None] = mapped_column(ForeignKey("submission.id"))
    committed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reopened_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # until the new verdict is in
    reopened_why: Mapped[str] = mapped_column(
        String(12), default="", server_default=""
    )  # appeal, judge, desk

    challenge: Mapped[DbChallenge] = relationship(lazy="joined", innerjoin=True)
    player: Mapped[DbAccount] = relationship(lazy="raise")
    page: Mapped[DbPage | None] = relationship(lazy="raise")
    quote: Mapped[DbQuote | None] = relationship(lazy="joined", back_populates="submission")


class DbQuote(Base):
    """What a submission would pay, and every part that it was computed from. Never changed once written. `terms`: what else was
    promised with it (base_pay, base_pay_daily_cap, cost), whatever the challenge's rules become later.

    Without a machine (`machine_id` is None) it is for an example: `assigned` and `probabilities` are empty, `severity` is how much
    the label claimed is wanted, `terms` holds the same for every label (wants, in their order), and `site` is the page's
    registrable domain."""

    __tablename__ = "quote"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id"), unique=True)
    machine_id: Mapped[int | None] = mapped_column(ForeignKey("machine.id"))
    probabilities: Mapped[list[float]] = mapped_column(JSON)
    assigned: Mapped[str] = mapped_column(String(40))
    target: Mapped[str] = mapped_column(String(40))
    severity: Mapped[float]
    foreseeable: Mapped[float]
    novelty: Mapped[float]
    prevalence_weight: Mapped[float] = mapped_column(default=1.0)
    max_bonus: Mapped[int]
    sharpness: Mapped[float]
    points: Mapped[int]
    reserve: Mapped[int]
    terms: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict, server_default="{}")
    site: Mapped[str] = mapped_column(String(255), default="", server_default="")
    neighbours: Mapped[list[Any]] = mapped_column(JSON)  # [submission id, similarity], nearest first
    quoted_at: Mapped[datetime] = mapped_column(UtcDateTime)

    submission: Mapped[DbSubmission] = relationship(lazy="raise", back_populates="quote")
    machine: Mapped[DbMachine | None] = relationship(lazy="joined")


class DbAppeal(Base):
    """A player asks fresh judges to look again, once a submission. `state` is open, upheld, declined, or unanswered where nobody did in
    time."""

    __tablename__ = "appeal"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id"), unique=True)
    reason: Mapped[str] = mapped_column(String(300), default="")
    state: Mapped[str] = mapped_column(String(10), default="open")
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class DbClaim(Base):
    """What makes a page the find of one submission: its URL, its content. One row a key, one submission a page."""

    __tablename__ = "claim"
    __table_args__ = (Index("uq_claim_key", "challenge_id", "key", unique=True),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    challenge_id: Mapped[int] = mapped_column(ForeignKey("challenge.id"))
    key: Mapped[str] = mapped_column(String(2100))  # "url:..." or "content:..."
    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id"), index=True)


class DbBand(Base):
    """A band of a committed page's near-duplicate signature; pages that share one are compared."""

    __tablename__ = "band"
    __table_args__ = (Index("ix_band_value", "challenge_id", "value"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    challenge_id: Mapped[int] = mapped_column(ForeignKey("challenge.id"))
    value: Mapped[int] = mapped_column(BigInteger)
    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id"), index=True)
