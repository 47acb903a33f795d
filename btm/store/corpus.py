"""Queries about verified errors: the public list, and rechecks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, aliased, joinedload

from btm.rules.holding import REACHED
from btm.store.costly import costly
from btm.store.tables import (
    DbAccount,
    DbChallenge,
    DbOutcome,
    DbPlacement,
    DbRecheck,
    DbSubmission,
)


def finds(
    session: Session,
    challenge_id: int,
    before: int | None,
    limit: int,
    *,
    cluster_id: int | None = None,
    only: Sequence[int] | None = None,
) -> list[tuple[DbOutcome, DbSubmission, str]]:
    """Verified errors, newest first: (outcome, submission with page and quote, finder's handle). Of one cluster, or only these
    submissions, where that is asked."""
    query = (
        select(DbOutcome, DbSubmission, DbAccount.handle)
        .join(DbSubmission, DbSubmission.id == DbOutcome.submission_id)
        .join(DbAccount, DbAccount.id == DbSubmission.player_id)
        .where(DbOutcome.challenge_id == challenge_id, DbOutcome.is_error)
        .options(joinedload(DbSubmission.page))
        .order_by(DbOutcome.id.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(DbOutcome.id < before)
    if cluster_id is not None:
        query = query.join(DbPlacement, DbPlacement.submission_id == DbSubmission.id).where(
            DbPlacement.cluster_id == cluster_id
        )
    if only is not None:
        query = query.where(DbSubmission.id.in_(list(only)))
    return [(a, b, c or "") for a, b, c in session.execute(query)]


def last_rechecks(session: Session, submission_ids: Sequence[int]) -> dict[int, DbRecheck]:
    """The last recheck of each of these submissions that has one."""
    last = (
        select(func.max(DbRecheck.id))
        .where(DbRecheck.submission_id.in_(list(submission_ids)))
        .group_by(DbRecheck.submission_id)
    )
    rows = session.scalars(select(DbRecheck).where(DbRecheck.id.in_(last)))
    return {row.submission_id: row for row in rows}


@costly
def last_recheck_states(session: Session, challenge_id: int, cluster_id: int | None = None) -> dict[str, int]:
    """How many finds of a challenge, or of one cluster, were in which state when they were last fetched again."""
    later = aliased(DbRecheck)
    query = (
        select(DbRecheck.state, func.count())
        .join(DbOutcome, DbOutcome.submission_id == DbRecheck.submission_id)
        .outerjoin(later, (later.submission_id == DbRecheck.submission_id) & (later.id > DbRecheck.id))
        .where(DbOutcome.challenge_id == challenge_id, DbOutcome.is_error, later.id.is_(None))
        .group_by(DbRecheck.state)
    )
    if cluster_id is not None:
        query = query.join(DbPlacement, DbPlacement.submission_id == DbRecheck.submission_id).where(
            DbPlacement.cluster_id == cluster_id
        )
    return dict(session.execute(query).all())


def last_recheck(session: Session, submission_id: int) -> DbRecheck | None:
    """How a submission's page was when it was last fetched again."""
    query = select(DbRecheck).where(DbRecheck.submission_id == submission_id)
    return session.scalar(query.order_by(DbRecheck.id.desc()).limit(1))


def note_recheck(session: Session, values: dict[str, Any]) -> None:
    """Write down how a page was when it was fetched again."""
    session.add(DbRecheck(**values))


def never_rechecked(
    session: Session, since: datetime, verified_before: datetime, limit: int
) -> list[tuple[int, str]]:
    """Verified errors of running challenges that were verified between two moments and were never fetched again: (submission id, URL),
    those verified longest ago first."""
    looked_at = select(DbRecheck.id).where(DbRecheck.submission_id == DbOutcome.submission_id).exists()
    rows = session.execute(
        select(DbOutcome.submission_id, DbSubmission.url)
        .join(DbSubmission, DbSubmission.id == DbOutcome.submission_id)
        .join(DbChallenge, DbChallenge.id == DbOutcome.challenge_id)
        .where(
            DbOutcome.is_error,
            DbOutcome.settled_at > since,
            DbOutcome.settled_at <= verified_before,
            DbChallenge.state == "live",
            ~looked_at,
        )
        .order_by(DbOutcome.settled_at, DbOutcome.id)
        .limit(limit)
    )
    return [(submission_id, url) for submission_id, url in rows]


def due_for_recheck(
    session: Session, verified_before: datetime, before: datetime, young_since: datetime, limit: int
) -> list[tuple[int, str]]:
    """Verified errors of running challenges that were verified before a moment, and were not fetched again since another: (submission
    id, URL), those verified longest ago first. Of those verified after `young_since`, a page that could not be seen is tried again as
    soon as it would be the first time."""
    is_young = DbOutcome.settled_at > young_since
    checked = (
        select(DbRecheck.id)
        .where(
            DbRecheck.submission_id == DbOutcome.submission_id,
            DbRecheck.checked_at > before,
            or_(DbRecheck.state.in_(REACHED), DbRecheck.checked_at > verified_before, ~is_young),
        )
        .exists()
    )
    rows = session.execute(
        select(DbOutcome.submission_id, DbSubmission.url)
        .join(DbSubmission, DbSubmission.id == DbOutcome.submission_id)
        .join(DbChallenge, DbChallenge.id == DbOutcome.challenge_id)
        .where(
            DbOutcome.is_error,
            DbOutcome.settled_at <= verified_before,
            DbChallenge.state == "live",
            ~checked,
        )
        .order_by(DbOutcome.id)
        .limit(limit)
    )
    return [(submission_id, url) for submission_id, url in rows]
