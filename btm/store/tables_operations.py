"""What the operator of an instance looks at, and what waits to be deleted."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from btm.store.database import Base, BigId, UtcDateTime


class DbBeat(Base):
    """A worker process and when it last said that it lives. `name` is its machine and a random word."""

    __tablename__ = "beat"
    __table_args__ = (Index("ix_beat_seen", "seen_at"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str] = mapped_column(String(120), unique=True)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)


class DbOrphan(Base):
    """A snapshot whose last page was forgotten, and that is deleted a while later. Who keeps the same body again takes the row away
    first, so that nobody's page loses its snapshot."""

    __tablename__ = "orphan"
    __table_args__ = (Index("ix_orphan_since", "since"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    snapshot: Mapped[str] = mapped_column(String(64), unique=True)
    since: Mapped[datetime] = mapped_column(UtcDateTime)
