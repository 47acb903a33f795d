"""The transaction: a service opens one, does its work, and it is committed whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, cast

from sqlalchemy import Table, insert
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DataError
from sqlalchemy.orm import Session as Session

from btm.rules.errors import Invalid
from btm.store.database import Base, db


@contextmanager
def transaction() -> Iterator[Session]:
    """A session that may write. Commits once at the end; any exception rolls everything back."""
    with _refusing(), Session(db.engine, expire_on_commit=False) as session:
        session.connection(execution_options={"btm_write": True})
        yield session
        session.commit()


@contextmanager
def reading() -> Iterator[Session]:
    """A session that only reads; it sees one state of the database on SQLite, and never waits for a writer."""
    with _refusing(), Session(db.engine, expire_on_commit=False) as session:
        yield session


@contextmanager
def _refusing() -> Iterator[None]:
    """PostgreSQL's driver sends no NUL characters: whoever asks with one asks for nothing that is there."""
    try:
        yield
    except DataError as error:
        if getattr(error.orig, "sqlstate", None) is not None:
            raise  # the server itself refused a value of ours
        raise Invalid("That holds a character that we cannot keep. Type it anew.") from error


def insert_once(session: Session, table: type[Base], values: Mapping[str, Any]) -> int | None:
    """Insert a row unless a unique constraint says that it is already there. Returns its id, or None where it was.

    This is the only way in which the product writes what must happen once: the constraint decides, not a look before.
    """
    target = cast(Table, table.__table__)
    make = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    statement = make(target).values(**values).on_conflict_do_nothing().returning(target.c.id)
    return session.execute(statement).scalar_one_or_none()


def insert_many(session: Session, table: type[Base], rows: list[dict[str, Any]]) -> None:
    """Insert many rows in one statement."""
    if rows:
        session.execute(insert(table), rows)
