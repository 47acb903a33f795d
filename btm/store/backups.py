"""Every row of every table as plain JSON values, and back: the same on either database."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import JSON, Table, func, insert, null, select, text
from sqlalchemy.orm import Session

from btm.store.database import db
from btm.store.tables import Base

BATCH = 500


@contextmanager
def one_moment() -> Iterator[Session]:
    """A session that sees the database as it is now, however long it reads and whoever writes meanwhile."""
    with Session(db.engine) as session:
        is_sqlite = session.get_bind().dialect.name == "sqlite"
        session.connection(execution_options={} if is_sqlite else {"isolation_level": "REPEATABLE READ"})
        yield session


def tables() -> list[Table]:
    """All tables, each after those that it refers to."""
    return list(Base.metadata.sorted_tables)


def read_rows(session: Session, table: Table) -> Iterator[dict[str, Any]]:
    """The rows of a table in the order of their ids, a few at a time."""
    found = session.execute(select(table).order_by(table.c.id).execution_options(yield_per=BATCH))
    for row in found.mappings():
        yield {key: _plain(value) for key, value in row.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return {"$at": value.isoformat()}
    if isinstance(value, bytes):
        return {"$bytes": base64.b64encode(value).decode()}
    return value


def is_empty(session: Session) -> bool:
    """Whether no table has a row."""
    return all(session.scalar(select(func.count()).select_from(table)) == 0 for table in tables())


def write_rows(session: Session, table: Table, rows: Iterable[dict[str, Any]]) -> int:
    """Insert what `read_rows` gave; how many there were. On PostgreSQL the ids go on after the last one."""
    of_json = {column.name for column in table.columns if isinstance(column.type, JSON)}
    count, coming = 0, iter(rows)
    while part := list(islice(coming, BATCH)):
        for row in part:
            values = {
                key: null() if value is None and key in of_json else _rich(value)
                for key, value in row.items()
            }
            session.execute(insert(table).values(values))
        count += len(part)
    if session.get_bind().dialect.name == "postgresql":
        last = session.scalar(select(func.max(table.c.id)))
        if last is not None:
            session.execute(
                text("SELECT setval(pg_get_serial_sequence(:name, 'id'), :last)"),
                {"name": table.name, "last": last},
            )
    return count


def _rich(value: Any) -> Any:
    if isinstance(value, dict) and value.keys() == {"$at"}:
        return datetime.fromisoformat(value["$at"])
    if isinstance(value, dict) and value.keys() == {"$bytes"}:
        return base64.b64decode(value["$bytes"])
    return value
