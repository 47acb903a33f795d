"""A database of each kind, made once a session and wiped between tests."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import psycopg
import pytest
from flask import Flask
from sqlalchemy import event, text

from btm.config import Settings, read_settings
from btm.factory import create_app
from btm.store.database import db, engine_options
from btm.store.tables import Base

KINDS = ("sqlite", "postgres")
DEFAULT_POSTGRES = "postgresql://postgres@127.0.0.1:5432/postgres"
DEFAULT_REDIS = "redis://127.0.0.1:6379"
REDIS_DATABASES = range(1, 16)
"""Of the sixteen that a Redis server has unless told otherwise. The first is left to whoever uses it by default."""
REDIS_CLAIM, REDIS_CLAIM_SECONDS = "claimed-by-a-test", 900


@dataclass(frozen=True)
class Database:
    """One migrated database, with the application that is open on it."""

    kind: str
    app: Flask
    settings: Settings
    environ: dict[str, str]

    def wipe(self) -> None:
        """Delete every row of every table."""
        statements = [f'DELETE FROM "{table.name}"' for table in reversed(Base.metadata.sorted_tables)]
        with self.app.app_context(), db.engine.begin() as connection:
            for statement in statements if self.kind == "sqlite" else ["; ".join(statements)]:
                connection.exec_driver_sql(statement)


@contextmanager
def overheard() -> Iterator[list[tuple[str, Any]]]:
    """What the database is asked meanwhile: (statement, values)."""
    asked: list[tuple[str, Any]] = []

    def hear(_connection: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        asked.append((statement, values))

    event.listen(db.engine, "before_cursor_execute", hear)
    try:
        yield asked
    finally:
        event.remove(db.engine, "before_cursor_execute", hear)


def postgres_url() -> str:
    """Where the PostgreSQL server for tests is."""
    return os.environ.get("BTM_TEST_POSTGRES_URL", DEFAULT_POSTGRES)


@contextmanager
def scratch_postgres() -> Iterator[str]:
    """A new, empty database on the server, dropped afterwards. Skips the test where there is no server (with BTM_TEST_ALL=1
    it fails instead)."""
    name = f"btm_test_{os.environ.get('PYTEST_XDIST_WORKER', 'gw')}_{secrets.token_hex(6)}"
    try:
        server = psycopg.connect(postgres_url(), autocommit=True, connect_timeout=5)
    except psycopg.OperationalError as error:
        if os.environ.get("BTM_TEST_ALL") == "1":
            pytest.fail(f"BTM_TEST_ALL=1, and there is no PostgreSQL: {error}")
        pytest.skip("no PostgreSQL here: start one, or name it in BTM_TEST_POSTGRES_URL")
    with server:
        server.execute(f'CREATE DATABASE "{name}"')
        server.execute(
            f'ALTER DATABASE "{name}" SET synchronous_commit = off'
        )  # tests need not survive a power cut
        try:
            base, _, _ = postgres_url().rpartition("/")
            yield f"{base}/{name}"
        finally:
            server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@contextmanager
def scratch_redis() -> Iterator[dict[str, str]]:
    """Settings that name an empty database of the Redis server which is nobody else's meanwhile: whoever shared a queue would lose
    the other's bells. None where there is no server (with BTM_TEST_ALL=1 the test fails instead)."""
    import redis

    server = os.environ.get("BTM_TEST_REDIS_URL", DEFAULT_REDIS)
    try:
        url = next(filter(None, (_claimed(f"{server}/{number}") for number in REDIS_DATABASES)), None)
    except redis.exceptions.ConnectionError:
        if os.environ.get("BTM_TEST_ALL") == "1":
            pytest.fail("BTM_TEST_ALL=1, and there is no Redis: start one, or name it in BTM_TEST_REDIS_URL")
        yield {}
        return
    if url is None:
        pytest.fail(f"every Redis database of {server} is in use")
    try:
        yield {"BTM_REDIS_URL": url}
    finally:
        with redis.Redis.from_url(url) as database:
            database.flushdb()


def _claimed(url: str) -> str | None:
    """The address of a Redis database, emptied, if nobody has it: its name is put into it for as long as a test may take."""
    import redis

    with redis.Redis.from_url(url, socket_connect_timeout=2) as database:
        if not database.set(REDIS_CLAIM, 1, nx=True, ex=REDIS_CLAIM_SECONDS):
            return None
        for key in database.scan_iter():
            if key.decode() != REDIS_CLAIM:
                database.delete(key)
    return url


@contextmanager
def scratch_database(kind: str, folder: Path) -> Iterator[str]:
    """The URL of a new, empty database: a file in `folder`, or a database on the PostgreSQL server."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'btm.db'}"
    else:
        with scratch_postgres() as url:
            yield url


@contextmanager
def migrated(kind: str, folder: Path) -> Iterator[Database]:
    """A new database with all tables in it, made by the migrations."""
    from flask_migrate import upgrade

    with scratch_database(kind, folder) as url:
        environ = {
            "BTM_DATABASE_URL": url,
            "BTM_DATA_DIR": str(folder),
            "BTM_SECRET_KEY": "for tests only, not for use",
        }
        settings = read_settings(environ)
        with patch("btm.factory.engine_options", _few):
            app = create_app(settings)
        app.config["TESTING"] = True
        with app.app_context():
            upgrade()
            if kind == "sqlite":
                event.listen(db.engine, "connect", _hurry)
                db.engine.dispose()
            try:
                yield Database(kind, app, settings, environ)
            finally:
                db.engine.dispose()


def _few(url: str) -> dict[str, Any]:
    """Connections enough for a crowd, and few enough that crowds of several processes fit into one server's hundred."""
    pool = {} if url.startswith("sqlite") else {"pool_size": 5, "max_overflow": 20}
    return engine_options(url) | pool


def _hurry(connection: object, _record: object) -> None:
    """The same for SQLite."""
    connection.execute("PRAGMA synchronous=OFF")  # type: ignore[attr-defined]


def rows(query: str, **values: object) -> list[tuple[object, ...]]:
    """What a plain SQL query finds, inside an application context."""
    with db.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(query), values)]


def value(query: str, **values: object) -> object:
    """The first column of the only row that a plain SQL query finds."""
    [[found]] = rows(query, **values)
    return found
