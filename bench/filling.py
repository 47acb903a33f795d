"""Scratch databases for the benches, filled with very many rows past SQLAlchemy, and opened as in production."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Any

from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import text

from btm.config import read_settings
from btm.factory import create_app
from btm.store.database import db
from tests.support.databases import scratch_database

Row = dict[str, Any]


@contextmanager
def production(kind: str, folder: Path) -> Iterator[Flask]:
    """A scratch database with all tables, as durable as in production."""
    with scratch_database(kind, folder) as url:
        app = create_app(
            read_settings(
                {
                    "BTM_DATABASE_URL": url,
                    "BTM_DATA_DIR": str(folder),
                    "BTM_SECRET_KEY": "only for this bench",
                }
            )
        )
        with app.app_context():
            upgrade()
            if kind == "postgres":
                name = url.rpartition("/")[2]
                with db.engine.begin() as connection:
                    connection.execute(text(f'ALTER DATABASE "{name}" RESET synchronous_commit'))
            db.engine.dispose()
            try:
                yield app
            finally:
                db.engine.dispose()


def put(table: type[Any], rows: Iterable[Row]) -> None:
    """Insert rows in one transaction, past SQLAlchemy: COPY, or one statement for all."""
    rows = iter(rows)
    first = next(rows)
    columns = [
        column for column in table.__table__.columns if column.name in first or default_of(column) is not None
    ]
    names = ", ".join(f'"{column.name}"' for column in columns)
    lines = (tuple(stored(row.get(c.name, default_of(c))) for c in columns) for row in chain([first], rows))
    connection: Any = db.engine.raw_connection()
    cursor, name = connection.cursor(), table.__tablename__
    try:
        if db.engine.dialect.name == "sqlite":
            by_hand(
                cursor, name, f"INSERT INTO {name} ({names}) VALUES ({', '.join('?' * len(columns))})", lines
            )
        else:
            cursor.execute("SET LOCAL session_replication_role = replica")  # every key is known to be there
            with cursor.copy(f"COPY {name} ({names}) FROM STDIN") as copy:
                for line in lines:
                    copy.write_row(line)
        connection.commit()
    finally:
        connection.close()


def by_hand(cursor: Any, table: str, statement: str, lines: Iterable[Any]) -> None:
    """Fill a table of SQLite whose indexes are made afterwards, which takes a fraction of the time. The connection is left as it
    was opened."""
    cursor.execute("PRAGMA foreign_keys=OFF")
    cursor.execute("BEGIN IMMEDIATE")
    found = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = ? AND sql IS NOT NULL"
    indexes = cursor.execute(found, (table,)).fetchall()
    for index, _ in indexes:
        cursor.execute(f"DROP INDEX {index}")
    cursor.executemany(statement, lines)
    for _, sql in indexes:
        cursor.execute(sql)
    cursor.execute("COMMIT")
    cursor.execute("PRAGMA foreign_keys=ON")


def default_of(column: Any) -> Any:
    """What SQLAlchemy would fill in; None where the database does."""
    return column.default.arg if column.default is not None and column.default.is_scalar else None


def stored(value: Any) -> Any:
    """A value as both databases take it, without SQLAlchemy."""
    if isinstance(value, datetime):
        is_sqlite = db.engine.dialect.name == "sqlite"
        return value.replace(tzinfo=None).isoformat(" ", "microseconds") if is_sqlite else value
    return json.dumps(value) if isinstance(value, (list, dict)) else value


def numbers(query: str, **values: Any) -> list[int]:
    with db.engine.connect() as connection:
        return list(connection.execute(text(query), values).scalars())


def settle_down(kind: str) -> None:
    """What a server does by itself within a minute of such a load."""
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if kind == "postgres":
            connection.execute(text("VACUUM ANALYZE"))
            connection.execute(text("CHECKPOINT"))
            tables = ("submission", "review_item", "judgement", "ledger", "account", "page")
            for table in tables:
                connection.execute(
                    text(
                        "SELECT setval(pg_get_serial_sequence(:t, 'id'), (SELECT max(id) FROM " + table + "))"
                    ),
                    {"t": table},
                )
        else:
            connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
