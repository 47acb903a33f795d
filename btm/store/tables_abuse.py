"""What was taken down: a tombstone a page, and what is needed to know the same content again, none of which can be read."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from btm.store.database import Base, BigId, UtcDateTime

NOT_SEALED = text("sealed_at IS NULL")


class DbTakedown(Base):
    """Content that a modeler took down from a challenge, or the operator from all of them (`challenge_id` is None).

    `signature` tells nearly the same text. Other pages of it, and the bytes, are removed in the background: `cleared_at` says when that was
    first done, `sealed_at` that it was done again once nothing could be under way any more.
    """

    __tablename__ = "takedown"
    __table_args__ = (
        Index("ix_takedown_challenge", "challenge_id", "id"),
        Index("ix_takedown_not_sealed", "id", sqlite_where=NOT_SEALED, postgresql_where=NOT_SEALED),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True)
    challenge_id: Mapped[int | None] = mapped_column(ForeignKey("challenge.id"))
    reason: Mapped[str] = mapped_column(String(20))
    note: Mapped[str] = mapped_column(String(300), default="")
    signature: Mapped[bytes] = mapped_column(LargeBinary)
    taken_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    taken_at: Mapped[datetime] = mapped_column(UtcDateTime)
    cleared_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    sealed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class DbTombstone(Base):
    """One page that was emptied. `name` is the public id under which the page was known: its submission's, or its item's. `outcome_id`
    is the number of the verified error that it was, None where it was none: its place in exports."""

    __tablename__ = "tombstone"
    __table_args__ = (Index("ix_tombstone_challenge", "challenge_id", "id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    takedown_id: Mapped[int] = mapped_column(ForeignKey("takedown.id"), index=True)
    challenge_id: Mapped[int] = mapped_column(ForeignKey("challenge.id"))
    page_id: Mapped[int] = mapped_column(ForeignKey("page.id"), unique=True)
    name: Mapped[str] = mapped_column(String(32), index=True)
    outcome_id: Mapped[int | None]
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class DbTakedownKey(Base):
    """The SHA-256 of an address, or of a text's hash, by which what was taken down is known again."""

    __tablename__ = "takedown_key"
    __table_args__ = (
        Index("uq_takedown_key", "takedown_id", "digest", unique=True),
        Index("ix_takedown_key_digest", "digest"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    takedown_id: Mapped[int] = mapped_column(ForeignKey("takedown.id"))
    digest: Mapped[str] = mapped_column(String(64))


class DbTakedownBand(Base):
    """A band of the signature of what was taken down."""

    __tablename__ = "takedown_band"
    __table_args__ = (Index("ix_takedown_band_value", "value"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    takedown_id: Mapped[int] = mapped_column(ForeignKey("takedown.id"), index=True)
    value: Mapped[int] = mapped_column(BigInteger)


class DbTakedownBlob(Base):
    """Bytes in the snapshot store that are to go. `kept` says that another page, which was not taken down, has the same."""

    __tablename__ = "takedown_blob"
    __table_args__ = (Index("uq_takedown_blob", "takedown_id", "key", unique=True),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    takedown_id: Mapped[int] = mapped_column(ForeignKey("takedown.id"))
    key: Mapped[str] = mapped_column(String(64))
    kept: Mapped[bool] = mapped_column(default=False)
