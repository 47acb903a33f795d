"""Accounts, their sessions and roles, and the record of what privileged people did."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from btm.store.database import Base, BigId, UtcDateTime


class DbAccount(Base):
    """A person. A visitor has no handle and no password until registering, and keeps the row then. Once erased, the handle is a
    made-up one, and nothing here says who it was."""

    __tablename__ = "account"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    handle: Mapped[str | None] = mapped_column(String(32))
    handle_key: Mapped[str | None] = mapped_column(String(64), unique=True)
    password_hash: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    erased_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class DbSession(Base):
    """A signed-in browser. Only a hash of its token is kept; deleting the row ends it everywhere."""

    __tablename__ = "session"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    device: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)


class DbRole(Base):
    """A role beyond player: modeler (of one challenge, or of all where it names none) or admin."""

    __tablename__ = "role"
    __table_args__ = (Index("uq_role_account", "account_id", "role", "scope", unique=True),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    role: Mapped[str] = mapped_column(String(20))
    scope: Mapped[str] = mapped_column(String(80), default="")  # a challenge's slug, or empty for all
    granted_at: Mapped[datetime] = mapped_column(UtcDateTime)


class DbQualification(Base):
    """One taking of a challenge's qualification test."""

    __tablename__ = "qualification"
    __table_args__ = (Index("ix_qualification_who", "account_id", "challenge_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    challenge_id: Mapped[int] = mapped_column(ForeignKey("challenge.id"))
    right: Mapped[int]
    asked: Mapped[int]
    passed: Mapped[bool]
    taken_at: Mapped[datetime] = mapped_column(UtcDateTime)


class DbAct(Base):
    """One privileged act: who did what to what. Append-only. `actor_id` is None for the operator at the command line, and for the
    product itself; `subject` is "kind:name", such as "challenge:drugs"; `detail` is what changed, without secrets."""

    __tablename__ = "act"
    __table_args__ = (
        Index("ix_act_subject", "subject", "id"),
        Index("ix_act_actor", "actor_id", "id"),
        Index("ix_act_verb", "verb", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    verb: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(120))
    detail: Mapped[dict[str, Any]] = mapped_column(JSON)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
