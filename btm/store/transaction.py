"""The transaction: a service opens one, does its work, and it is committed whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from functools import cache
from sqlite3 import SQLITE_BUSY
from typing import Any, cast

from sqlalchemy import Table, insert, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DataError, OperationalError
from sqlalchemy.orm import Session as Session

from btm.rules.errors import Invalid, TooMany
from btm.store.database import Base, db
from btm.store.turns import write_turn

_HURRY = text("SET LOCAL synchronous_commit = off")
_BESIDE: ContextVar[list[Callable[[Session], None]] | None] = ContextVar("beside", default=None)
ATTEMPTS = 2
"""So often a write is begun on SQLite, each time after a wait of `database.BUSY_SECONDS`."""


@contextmanager
def transaction(*, lasting: bool = True) -> Iterator[Session]:
    """A session that may write. Commits once at the end; any exception rolls everything back.

    A `lasting` commit is on the disk before it returns. One that is not waits for no disk: a power cut, or a database server that
    is killed, may undo it (a killed process of ours does not), wholly, and only together with all that was committed after
    it and is not lasting either. For promises that may be given again, such as leases; never for what somebody is told is done.
    """
    with _refusing(), _turn(), Session(db.engine, expire_on_commit=False) as session:
        _begin(session, lasting)
        yield session
        _do_beside(session)
        session.commit()


@contextmanager
def beside(act: Callable[[Session], None]) -> Iterator[None]:
    """Within this, `act` is done once, in the first transaction that commits, just before it does: whoever calls a use case
    can have a row of their own written with it, or not at all."""
    token = _BESIDE.set([act])
    try:
        yield
    finally:
        _BESIDE.reset(token)


def _do_beside(session: Session) -> None:
    acts = _BESIDE.get()
    if acts:
        acts[-1](session)
        acts.clear()


def _turn() -> AbstractContextManager[None]:
    """A place in the line of those who write, where only one may."""
    return write_turn(db.engine.url.database) if db.engine.dialect.name == "sqlite" else nullcontext()


def _begin(session: Session, lasting: bool) -> None:
    """Begin to write. On SQLite many wait for one place, in no order, and somebody who was passed over until their time ran out
    tries again: nothing was done yet. Raises TooMany (`busy`) in the end."""
    for _ in range(ATTEMPTS):
        try:
            session.connection(execution_options={"btm_write": True, "btm_lasting": lasting})
            if not lasting and session.get_bind().dialect.name == "postgresql":
                session.execute(_HURRY)
            return
        except OperationalError as error:
            if getattr(error.orig, "sqlite_errorcode", None) != SQLITE_BUSY:
                raise
            session.rollback()
    raise TooMany("Very many people are at work here at this moment. Try again in a minute.", code="busy")


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
    statement = _insert(cast(Table, table.__table__), session.get_bind().dialect.name)
    return session.execute(statement, dict(values)).scalar_one_or_none()


@cache
def _insert(table: Table, dialect: str) -> Any:
    """Built once for a table: putting it together takes as long as it takes the database to carry it out."""
    make = postgresql.insert if dialect == "postgresql" else sqlite.insert
    return make(table).on_conflict_do_nothing().returning(table.c.id)


def insert_many(session: Session, table: type[Base], rows: list[dict[str, Any]]) -> None:
    """Insert many rows in one statement."""
    if rows:
        session.execute(insert(table), rows)
