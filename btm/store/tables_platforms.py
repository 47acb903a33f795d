"""People who come by a platform, the work that was put up there, what they took of it, and invites."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from btm.store.database import Base, BigId, UtcDateTime
from btm.store.tables_challenges import DbChallenge


class DbWorker(Base):
    """Somebody as a platform knows them, and their account here: the same platform id is the same person, whenever they come.
    `platform`: mturk, prolific, or link. An account may be known to several platforms."""

    __tablename__ = "platform_worker"
    __table_args__ = (Index("uq_platform_worker", "platform", "external_id", unique=True),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    platform: Mapped[str] = mapped_column(String(12))
    external_id: Mapped[str] = mapped_column(String(64))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class DbWork(Base):
    """Work put up on a platform for one challenge. kind: play or judge; `pieces` are how many pages one assignment takes, `places`
    how many assignments there are. state: publishing, open, closing, closed or failed. `trouble` says what last went wrong with the
    platform, for a modeler. `wake_at` is when it should be looked at again; `tries` counts how often publishing was begun."""

    __tablename__ = "work"
    __table_args__ = (Index("ix_work_wake", "wake_at"), Index("ix_work_challenge", "challenge_id", "id"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True)
    platform: Mapped[str] = mapped_column(String(12))
    challenge_id: Mapped[int] = mapped_column(ForeignKey("challenge.id"))
    kind: Mapped[str] = mapped_column(String(8))
    title: Mapped[str] = mapped_column(String(200))
    description: Mapped[str] = mapped_column(Text)
    pieces: Mapped[int]
    places: Mapped[int]
    reward_cents: Mapped[int]
    minutes: Mapped[int]
    days: Mapped[int]
    requirements: Mapped[dict[str, Any]] = mapped_column(JSON)
    url: Mapped[str] = mapped_column(Text)
    completion_code: Mapped[str] = mapped_column(String(32))
    state: Mapped[str] = mapped_column(String(12))
    trouble: Mapped[str] = mapped_column(Text, default="", server_default="")
    tries: Mapped[int] = mapped_column(default=0, server_default="0")
    group_id: Mapped[str] = mapped_column(String(64), default="", server_default="")
    page: Mapped[str] = mapped_column(Text, default="", server_default="")
    cost_cents: Mapped[int | None]
    created_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))  # None: the operator
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    wake_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    challenge: Mapped[DbChallenge] = relationship(lazy="joined", innerjoin=True)


class DbUnit(Base):
    """A HIT or a study of a work."""

    __tablename__ = "work_unit"
    __table_args__ = (Index("uq_work_unit", "work_id", "external_id", unique=True),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    work_id: Mapped[int] = mapped_column(ForeignKey("work.id"))
    external_id: Mapped[str] = mapped_column(String(64))
    places: Mapped[int]


class DbAssignment(Base):
    """What one worker took of a work. state: working, done (enough was done here), submitted (the platform has it), approved,
    rejected (on the platform's own site), gone (given back, timed out).

    A platform may give an assignment that somebody returned to somebody else under the same id: so the worker is part of what is
    unique. `is_known` is whether the platform confirmed that this worker holds it; None until it tells.
    """

    __tablename__ = "assignment"
    __table_args__ = (
        Index("uq_assignment", "platform", "external_id", "worker_id", unique=True),
        Index("ix_assignment_work", "work_id", "state"),
        Index("ix_assignment_account", "account_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    work_id: Mapped[int] = mapped_column(ForeignKey("work.id"))
    worker_id: Mapped[int] = mapped_column(ForeignKey("platform_worker.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    platform: Mapped[str] = mapped_column(String(12))
    external_id: Mapped[str] = mapped_column(String(64))
    unit: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(12))
    is_known: Mapped[bool | None]
    trouble: Mapped[str] = mapped_column(Text, default="", server_default="")
    arrived_at: Mapped[datetime] = mapped_column(UtcDateTime)
    deadline_at: Mapped[datetime] = mapped_column(UtcDateTime)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    work: Mapped[DbWork] = relationship(lazy="joined", innerjoin=True)
    worker: Mapped[DbWorker] = relationship(lazy="joined", innerjoin=True)


class DbPiece(Base):
    """One page that counts for an assignment: a committed submission (kind play) or a judgement (kind judge). Each counts once."""

    __tablename__ = "assignment_piece"
    __table_args__ = (
        Index("uq_assignment_piece", "kind", "ref_id", unique=True),
        Index("ix_assignment_piece_assignment", "assignment_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignment.id"))
    kind: Mapped[str] = mapped_column(String(8))
    ref_id: Mapped[int]


class DbWorkSession(Base):
    """A browser at an assignment, known by a token in the path of its addresses, since a frame of another site may keep no cookies.
    Only a hash is kept. `kept` is what a cookie would hold."""

    __tablename__ = "work_session"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignment.id"), index=True)
    kept: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class DbTopicQualification(Base):
    """A topic's test as a platform's own qualification type."""

    __tablename__ = "topic_qualification"
    __table_args__ = (Index("uq_topic_qualification", "platform", "topic", unique=True),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    platform: Mapped[str] = mapped_column(String(12))
    topic: Mapped[str] = mapped_column(String(80))
    external_id: Mapped[str] = mapped_column(String(64))


class DbGrant(Base):
    """That a worker was given a topic's qualification on their platform."""

    __tablename__ = "qualification_grant"
    __table_args__ = (Index("uq_qualification_grant", "worker_id", "topic", unique=True),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    worker_id: Mapped[int] = mapped_column(ForeignKey("platform_worker.id"))
    topic: Mapped[str] = mapped_column(String(80))
    granted_at: Mapped[datetime] = mapped_column(UtcDateTime)


class DbInvite(Base):
    """A link for anybody's own crowd. `code` is part of the link; whoever has it may come in, until it is used up, over or revoked."""

    __tablename__ = "invite"
    __table_args__ = (Index("ix_invite_challenge", "challenge_id", "id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    code: Mapped[str] = mapped_column(String(32), unique=True)
    challenge_id: Mapped[int] = mapped_column(ForeignKey("challenge.id"))
    kind: Mapped[str] = mapped_column(String(8))
    note: Mapped[str] = mapped_column(String(200), default="", server_default="")
    most_uses: Mapped[int]
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))  # None: the operator
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    challenge: Mapped[DbChallenge] = relationship(lazy="joined", innerjoin=True)


class DbInviteUse(Base):
    """Somebody who came in by an invite, as its `number`-th: two who come at once for the last place cannot both have its number."""

    __tablename__ = "invite_use"
    __table_args__ = (
        Index("uq_invite_use_number", "invite_id", "number", unique=True),
        Index("uq_invite_use_account", "invite_id", "account_id", unique=True),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    invite_id: Mapped[int] = mapped_column(ForeignKey("invite.id"))
    number: Mapped[int]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    used_at: Mapped[datetime] = mapped_column(UtcDateTime)
