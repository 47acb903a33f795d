"""The database connection, and how both kinds are opened so that a write never loses another one."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import BigInteger, DateTime, Dialect, Engine, Integer, MetaData, event
from sqlalchemy.engine import Connection
from sqlalchemy.exc import OperationalError, ProgrammingError
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
BUSY_SECONDS = 30
SYNCHRONOUS_FULL = 2
NOT_PREPARED = (OperationalError, ProgrammingError)
"""What a database raises that cannot be reached, or that has no tables."""
BigId = BigInteger().with_variant(Integer, "sqlite")


class Base(DeclarativeBase):
    """Every table's base. Constraint names are fixed so that migrations can name them, and every whole number has 64 bits."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = {int: BigId}


db = SQLAlchemy(metadata=Base.metadata)


class UtcDateTime(TypeDecorator[datetime]):
    """A moment. Goes in and comes out aware, in UTC, on either database."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def engine_options(database_url: str) -> dict[str, Any]:
    """Options for the engine behind `database_url`."""
    if database_url.startswith("sqlite"):
        return {"connect_args": {"timeout": BUSY_SECONDS}}
    return {"pool_pre_ping": True, "pool_size": 10, "max_overflow": 30}


def prepare_sqlite(engine: Engine) -> None:
    """SQLite as this product needs it: WAL, foreign keys, and transactions that this code begins itself.

    A transaction marked `btm_write` takes the write lock at once (BEGIN IMMEDIATE): one that reads first and asks for
    the lock later can fail half way, or overwrite what another wrote in between.
    """
    if engine.dialect.name != "sqlite":
        return

    @event.listens_for(engine, "connect")
    def _open(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            f"busy_timeout={BUSY_SECONDS * 1000}",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        _set_pace(connection, options.get("btm_lasting", True))
        connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("btm_write", False) else "BEGIN")


def _set_pace(connection: Connection, lasting: bool) -> None:
    """Have the next commit wait for the disk, or not (see `transaction`). A connection that was opened to wait less is left alone."""
    if lasting:
        if connection.info.pop("btm_hurried", False):
            connection.exec_driver_sql("PRAGMA synchronous=FULL")
    elif not connection.info.get("btm_hurried") and _waits_for_disk(connection):
        connection.exec_driver_sql("PRAGMA synchronous=NORMAL")
        connection.info["btm_hurried"] = True


def _waits_for_disk(connection: Connection) -> bool:
    return connection.exec_driver_sql("PRAGMA synchronous").scalar() == SYNCHRONOUS_FULL
