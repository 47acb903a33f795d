"""Queries about examples that players bring while there is no machine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, case, distinct, func, or_, select
from sqlalchemy.orm import Session, joinedload

from btm.store.outcomes import stands
from btm.store.tables import DbExample, DbPage, DbQuote, DbSubmission

CHECKED = ("confirmed", "rejected")


def verified_counts(session: Session, challenge_id: int) -> dict[str, int]:
    """How many verified examples of each label a challenge has."""
    rows = session.execute(
        select(DbExample.truth, func.count())
        .where(DbExample.challenge_id == challenge_id, stands(DbExample))
        .group_by(DbExample.truth)
    )
    return dict(rows.all())


def _waits(challenge_id: int, player_id: int | None) -> ColumnElement[bool]:
    """What waits for its verdict, and what this player was quoted: somebody who holds ten quotes has been promised ten times."""
    own = (DbSubmission.player_id == player_id) & (DbSubmission.state == "quoted")
    waits = DbSubmission.state == "in_review"
    return (
        (DbSubmission.challenge_id == challenge_id)
        & DbSubmission.state.in_(("in_review", "quoted"))
        & DbQuote.machine_id.is_(None)
        & (or_(waits, own) if player_id is not None else waits)
    )


def waiting_counts(session: Session, challenge_id: int, player_id: int | None = None) -> dict[str, int]:
    """How many examples wait for their verdict, by the label that their players say; those quoted to this player counted in."""
    rows = session.execute(
        select(DbQuote.target, func.count())
        .join(DbSubmission, DbSubmission.id == DbQuote.submission_id)
        .where(_waits(challenge_id, player_id))
        .group_by(DbQuote.target)
    )
    return dict(rows.all())


def pages_of_site(session: Session, challenge_id: int, site: str, player_id: int) -> int:
    """How many pages of a site are verified examples, or wait for their verdict, or were quoted to this player."""
    verified = session.scalar(
        select(func.count()).where(
            DbExample.challenge_id == challenge_id, DbExample.site == site, stands(DbExample)
        )
    )
    waiting = session.scalar(
        select(func.count())
        .select_from(DbQuote)
        .join(DbSubmission, DbSubmission.id == DbQuote.submission_id)
        .where(_waits(challenge_id, player_id), DbQuote.site == site)
    )
    return int(verified or 0) + int(waiting or 0)


def examples_since(
    session: Session, challenge_id: int, after: int, limit: int
) -> list[tuple[DbExample, DbPage]]:
    """The next verified examples after an id, in order, with their pages."""
    rows = session.execute(
        select(DbExample, DbPage)
        .join(DbPage, DbPage.id == DbExample.page_id)
        .where(DbExample.challenge_id == challenge_id, DbExample.id > after, stands(DbExample))
        .order_by(DbExample.id)
        .limit(limit)
    )
    return [(example, page) for example, page in rows]


def all_examples(session: Session, challenge_id: int, size: int = 500) -> Iterator[tuple[DbExample, DbPage]]:
    """All verified examples of a challenge, read a batch at a time."""
    after = 0
    while batch := examples_since(session, challenge_id, after, size):
        yield from batch
        after = batch[-1][0].id


def example_of(session: Session, submission_id: int) -> DbExample | None:
    """What verification found about a submission that was collected."""
    return session.scalar(select(DbExample).where(DbExample.submission_id == submission_id))


def examples_of(session: Session, ids: Sequence[int]) -> dict[int, DbExample]:
    """Examples by submission id."""
    rows = session.scalars(select(DbExample).where(DbExample.submission_id.in_(list(ids))))
    return {row.submission_id: row for row in rows}


def submissions_after(
    session: Session, challenge_id: int, after: int, limit: int, *, checked: bool
) -> list[DbSubmission]:
    """A challenge's submissions after an id, in order, with their pages; `checked`: those with a verdict only."""
    query = (
        select(DbSubmission)
        .where(DbSubmission.challenge_id == challenge_id, DbSubmission.id > after)
        .options(joinedload(DbSubmission.page))
        .order_by(DbSubmission.id)
        .limit(limit)
    )
    if checked:
        query = query.where(DbSubmission.state.in_(CHECKED))
    return list(session.scalars(query))


class Figures(NamedTuple):
    """Sums over a collection: addresses handed in, those with a verdict, different sites of verified examples, the last verdict."""

    submitted: int
    checked: int
    sites: int
    last_at: datetime | None


def figures(session: Session, challenge_id: int) -> Figures:
    """The sums of a challenge."""
    decided = DbSubmission.state.in_(CHECKED)
    submitted, checked = session.execute(
        select(func.count(), func.coalesce(func.sum(case((decided, 1), else_=0)), 0)).where(
            DbSubmission.challenge_id == challenge_id
        )
    ).one()
    sites, last_at = session.execute(
        select(func.count(distinct(DbExample.site)), func.max(DbExample.settled_at)).where(
            DbExample.challenge_id == challenge_id, stands(DbExample)
        )
    ).one()
    return Figures(int(submitted), int(checked), int(sites), last_at)
