"""Queries for how much the judges of a challenge agree, and what its verified pages cost. Of an item only answers of its present
round count, and of these only those that were not withdrawn; gold is counted apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, case, func, or_, select
from sqlalchemy.orm import Session

from btm.store.costly import costly
from btm.store.tables import DbAppeal, DbEntry, DbJudgement, DbOutcome, DbReviewItem, DbSubmission

AT_ONCE = 20_000
DECIDED = ("decided", "settled")


def _counts(challenge_id: int) -> tuple[ColumnElement[bool], ...]:
    return (
        DbReviewItem.challenge_id == challenge_id,
        DbReviewItem.gold_id.is_(None),
        DbJudgement.round == DbReviewItem.round,
        DbJudgement.withdrawn_at.is_(None),
    )


def labels(
    session: Session, challenge_id: int, keys: Sequence[str]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(items, labels), both of length n: all labels that count, as indices into `keys`, streamed."""
    code: ColumnElement[int] = case({key: place for place, key in enumerate(keys)}, value=DbJudgement.label)
    query = (
        select(DbJudgement.item_id, code)
        .join(DbReviewItem, DbReviewItem.id == DbJudgement.item_id)
        .where(*_counts(challenge_id), DbJudgement.label.in_(list(keys)))
    )
    parts = [np.empty((0, 2), dtype=np.int64)]
    for rows in session.execute(query, execution_options={"yield_per": AT_ONCE}).partitions():
        parts.append(np.array([tuple(row) for row in rows], dtype=np.int64))
    both = np.concatenate(parts)
    return both[:, 0], both[:, 1]


@costly
def answers_by_item(session: Session, challenge_id: int) -> list[tuple[bool, int, int]]:
    """(whether they are decided, answers, items): how many items have so many answers."""
    each = (
        select(
            DbReviewItem.id,
            case((DbReviewItem.state.in_(DECIDED), 1), else_=0).label("done"),
            func.count().label("answers"),
        )
        .join(DbJudgement, DbJudgement.item_id == DbReviewItem.id)
        .where(*_counts(challenge_id))
        .group_by(DbReviewItem.id, DbReviewItem.state)
        .subquery()
    )
    rows = session.execute(
        select(each.c.done, each.c.answers, func.count())
        .group_by(each.c.done, each.c.answers)
        .order_by(each.c.answers)
    )
    return [(bool(done), int(answers), int(items)) for done, answers, items in rows]


@dataclass(frozen=True, slots=True)
class Counts:
    """Items with a verdict, items that go to the desk, judgements of gold, points spent on judging, verdicts that did not stand,
    and appeals."""

    decided: int
    undecided: int
    gold: int
    spent: int
    overturned: int
    appeals: int


@costly
def counts(session: Session, challenge_id: int) -> Counts:
    """Sums over a challenge, in four queries.

    A verdict did not stand where an appeal was upheld, or where the page was taken up again and its outcome written anew.
    """
    decided, undecided = session.execute(
        select(
            func.sum(case((DbReviewItem.state.in_(DECIDED) & DbReviewItem.verdict.is_not(None), 1), else_=0)),
            func.sum(case((DbReviewItem.state == "undecided", 1), else_=0)),
        ).where(DbReviewItem.challenge_id == challenge_id, DbReviewItem.gold_id.is_(None))
    ).one()
    gold = session.scalar(
        select(func.count())
        .select_from(DbJudgement)
        .join(DbReviewItem, DbReviewItem.id == DbJudgement.item_id)
        .where(DbReviewItem.challenge_id == challenge_id, DbReviewItem.gold_id.is_not(None))
    )
    spent = session.scalar(
        select(func.sum(DbEntry.worker)).where(
            DbEntry.challenge_id == challenge_id, DbEntry.kind == "judging"
        )
    )
    rewritten = (DbReviewItem.reopened > 0) & (DbOutcome.settled_at == DbSubmission.settled_at)
    overturned, appeals = session.execute(
        select(
            func.sum(case((or_(DbAppeal.state == "upheld", rewritten), 1), else_=0)), func.count(DbAppeal.id)
        )
        .select_from(DbReviewItem)
        .join(DbSubmission, DbSubmission.id == DbReviewItem.submission_id)
        .outerjoin(DbOutcome, DbOutcome.submission_id == DbSubmission.id)
        .outerjoin(DbAppeal, DbAppeal.submission_id == DbSubmission.id)
        .where(DbReviewItem.challenge_id == challenge_id)
    ).one()
    return Counts(*(int(each or 0) for each in (decided, undecided, gold, spent, overturned, appeals)))


@costly
def waits(session: Session, challenge_id: int, limit: int) -> list[tuple[datetime, datetime]]:
    """(opened, decided) of the latest items with a verdict."""
    rows = session.execute(
        select(DbReviewItem.opened_at, DbReviewItem.decided_at)
        .where(
            DbReviewItem.challenge_id == challenge_id,
            DbReviewItem.state.in_(DECIDED),
            DbReviewItem.gold_id.is_(None),
            DbReviewItem.verdict.is_not(None),
            DbReviewItem.decided_at.is_not(None),
        )
        .order_by(DbReviewItem.id.desc())
        .limit(limit)
    )
    return [(opened, decided) for opened, decided in rows if decided is not None]
