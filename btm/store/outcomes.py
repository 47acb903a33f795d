"""Queries about verdicts that are taken up again: the outcome that takes another's place, and appeals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.orm import Session

from btm.store.tables import DbAppeal, DbExample, DbOutcome, DbTombstone
from btm.store.transaction import insert_once


def write_outcome(
    session: Session, table: type[DbOutcome] | type[DbExample], values: Mapping[str, Any]
) -> int | None:
    """Write an outcome, or an example, once a submission, under the challenge's lock. Its number is above that of every other that there
    is or was: SQLite would give the last one's number again once that is taken down. Returns its id, or None where it was there."""
    return insert_once(session, table, {**values, **_number(session, table)})


def _number(session: Session, table: type[DbOutcome] | type[DbExample]) -> dict[str, int]:
    if session.get_bind().dialect.name != "sqlite":
        return {}
    there = int(session.scalar(select(func.max(table.id))) or 0)
    gone = int(session.scalar(select(func.max(DbTombstone.outcome_id))) or 0)
    return {"id": max(there, gone) + 1}


def replace_outcome(session: Session, old: DbOutcome | DbExample, values: Mapping[str, Any]) -> None:
    """Put a new outcome, or example, in the place of an old one, under the challenge's lock. Its number is above all others', so that whoever
    remembers probes up to some number learns of it; SQLite would give the old number again where it was the last."""
    table = type(old)
    made = {**values, **_number(session, table)}
    session.execute(delete(table).where(table.id == old.id).execution_options(synchronize_session=False))
    session.expunge(old)
    insert_once(session, table, made)


def stands(table: type[DbOutcome] | type[DbExample]) -> ColumnElement[bool]:
    """Whether what was found still holds: not where its player appealed, and nobody judged the page again in time. What it is, nobody
    knows then."""
    unanswered = select(DbAppeal.submission_id).where(DbAppeal.state == "unanswered")
    return table.submission_id.not_in(unanswered)


def appeals_of(session: Session, ids: Sequence[int]) -> dict[int, DbAppeal]:
    """Appeals by submission id."""
    rows = session.scalars(select(DbAppeal).where(DbAppeal.submission_id.in_(list(ids))))
    return {row.submission_id: row for row in rows}


def appeal_of(session: Session, submission_id: int) -> DbAppeal | None:
    """The player's appeal, if there was one."""
    return session.scalar(select(DbAppeal).where(DbAppeal.submission_id == submission_id))
