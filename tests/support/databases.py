"""A database of each kind, made once a session and wiped between tests."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from flask import Flask
from sqlalchemy import event, text

from btm.config import Settings, read_settings
from btm.factory import create_app
from btm.store.database import db
from btm.store.tables import Base

KINDS = ("sqlite", "postgres")
DEFAULT_POSTGRES = "postgresql://postgres@127.0.0.1:5432/postgres"


@dataclass(frozen=True)
class Database:
    """One migrated database, with the application that is open on it."""

    kind: str
    app: Flask
    settings: Settings
    environ: dict[str, str]

    def wipe(self) -> None:
        """Delete every row of every table."""
        with self.app.app_context(), db.engine.begin() as connection:
            for table in reversed(Base.metadata.sorted_tables):
                connection.execute(table.delete())


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
