"""Queries about searches for the lowest reward, and what came in at each."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import case, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from btm.store.tables import DbQuote, DbSearch, DbSearchStep, DbSubmission

DECIDED = ("confirmed", "rejected", "undecided")


def running(session: Session) -> list[tuple[int, int]]:
    """(id, challenge id) of the searches that run."""
    rows = session.execute(select(DbSearch.id, DbSearch.challenge_id).where(DbSearch.state == "running"))
    return [(row[0], row[1]) for row in rows]


def get_search(session: Session, search_id: int) -> DbSearch:
    """A search that is known to be there, as it is now."""
    return session.get_one(DbSearch, search_id, populate_existing=True)


def newest(session: Session, challenge_id: int) -> DbSearch | None:
    """The challenge's newest search."""
    query = select(DbSearch).where(DbSearch.challenge_id == challenge_id)
    return session.scalar(query.order_by(DbSearch.id.desc()).limit(1))


def steps_of(session: Session, search_id: int) -> list[DbSearchStep]:
    """The steps of a search, in order."""
    query = select(DbSearchStep).where(DbSearchStep.search_id == search_id)
    return list(session.scalars(query.order_by(DbSearchStep.number)))


def add_search(session: Session, search: DbSearch) -> bool:
    """Write a search, unless one runs in its challenge: a unique index decides. Returns whether it was written."""
    try:
        with session.begin_nested():
            session.add(search)
            session.flush()
    except IntegrityError:
        return False
    return True


def seen(session: Session, challenge_id: int, value: int, since: datetime) -> tuple[int, int, int]:
    """Pages that were committed since a moment at this reward: how many, of them decided, of those finds."""
    row = session.execute(
        select(
            func.count(),
            func.coalesce(func.sum(case((DbSubmission.state.in_(DECIDED), 1), else_=0)), 0),
            func.coalesce(func.sum(case((DbSubmission.state == "confirmed", 1), else_=0)), 0),
        )
        .join(DbQuote, DbQuote.submission_id == DbSubmission.id)
        .where(
            DbSubmission.challenge_id == challenge_id,
            DbSubmission.committed_at >= since,
            DbQuote.max_bonus == value,
        )
    ).one()
    return int(row[0]), int(row[1]), int(row[2])
