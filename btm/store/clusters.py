"""Queries about clusters of finds and their places on the map: what placing and grouping read and write."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import and_, delete, func, or_, select, update
from sqlalchemy.orm import Session

from btm.store.tables import DbChallenge, DbCluster, DbGrouping, DbOutcome, DbPage, DbPlacement
from btm.store.transaction import insert_many, insert_once

LAST_OUTCOMES = 2000
"""So many of the newest outcomes a sweep looks at. Older ones that have no place get theirs when the finds are grouped."""


class Find(NamedTuple):
    """A verified error, and where it stands: None where it has no place yet."""

    submission_id: int
    outcome_id: int
    truth: str
    assigned: str
    settled_at: datetime
    placement_id: int | None
    cluster_id: int | None
    x: float | None
    y: float | None
    placed_at: datetime | None


class Growth(NamedTuple):
    """How many finds a challenge had when they were last grouped, and how many came since."""

    challenge_id: int
    finds: int
    fresh: int


def newest_finds(session: Session, challenge_id: int, limit: int) -> list[Find]:
    """The newest verified errors of a challenge, oldest of them first, with their places."""
    rows = session.execute(
        select(
            DbOutcome.submission_id, DbOutcome.id, DbOutcome.truth, DbOutcome.assigned, DbOutcome.settled_at,
            DbPlacement.id, DbPlacement.cluster_id, DbPlacement.x, DbPlacement.y, DbPlacement.placed_at,
        )
        .outerjoin(DbPlacement, DbPlacement.submission_id == DbOutcome.submission_id)
        .where(DbOutcome.challenge_id == challenge_id, DbOutcome.is_error)
        .order_by(DbOutcome.id.desc())
        .limit(limit)
    )  # fmt: skip
    return [Find._make(row) for row in rows][::-1]


def pages_of(session: Session, submission_ids: Sequence[int]) -> dict[int, DbPage]:
    """The pages of verified probes, by submission."""
    rows = session.execute(
        select(DbOutcome.submission_id, DbPage)
        .join(DbPage, DbPage.id == DbOutcome.page_id)
        .where(DbOutcome.submission_id.in_(list(submission_ids)))
    )
    return dict(rows.all())


def placement_of(session: Session, submission_id: int) -> DbPlacement | None:
    """Where a submission stands on the map."""
    return session.scalar(select(DbPlacement).where(DbPlacement.submission_id == submission_id))


def put(session: Session, values: dict[str, Any]) -> None:
    """Place a submission, or place it anew. Under the challenge's lock."""
    if insert_once(session, DbPlacement, values) is None:
        session.execute(
            update(DbPlacement)
            .where(DbPlacement.submission_id == values["submission_id"])
            .values(**values)
            .execution_options(synchronize_session=False)
        )


def take_away(session: Session, submission_id: int) -> None:
    """Take a submission off the map."""
    session.execute(delete(DbPlacement).where(DbPlacement.submission_id == submission_id))


def put_all(session: Session, fresh: list[dict[str, Any]], changed: list[dict[str, Any]]) -> None:
    """Place many: `fresh` are new rows, `changed` are rows with their ids."""
    insert_many(session, DbPlacement, fresh)
    if changed:
        session.execute(update(DbPlacement), changed)


def clusters_of(session: Session, challenge_id: int) -> list[DbCluster]:
    """All clusters of a challenge, the retired ones too, oldest first."""
    return list(
        session.scalars(
            select(DbCluster).where(DbCluster.challenge_id == challenge_id).order_by(DbCluster.id)
        )
    )


def find_cluster(
    session: Session, challenge_id: int, public_id: str, *, lock: bool = False
) -> DbCluster | None:
    """The cluster of a challenge with this public id."""
    query = select(DbCluster).where(DbCluster.challenge_id == challenge_id, DbCluster.public_id == public_id)
    return session.scalar(query.with_for_update() if lock else query)


def retire_empty(session: Session, challenge_id: int, now: datetime) -> None:
    """Clusters that hold no find any more are retired, and kept."""
    occupied = select(DbPlacement.cluster_id).where(
        DbPlacement.challenge_id == challenge_id, DbPlacement.cluster_id.is_not(None)
    )
    session.execute(
        update(DbCluster)
        .where(
            DbCluster.challenge_id == challenge_id,
            DbCluster.retired_at.is_(None),
            DbCluster.id.not_in(occupied),
        )
        .values(retired_at=now)
        .execution_options(synchronize_session=False)
    )


def grouping_of(session: Session, challenge_id: int) -> DbGrouping | None:
    """When a challenge's finds were last grouped, and how many they were."""
    return session.scalar(select(DbGrouping).where(DbGrouping.challenge_id == challenge_id))


def note_grouping(session: Session, values: dict[str, Any]) -> None:
    """Remember a grouping, in the place of the one before. Under the challenge's lock."""
    if insert_once(session, DbGrouping, values) is None:
        session.execute(
            update(DbGrouping)
            .where(DbGrouping.challenge_id == values["challenge_id"])
            .values(**values)
            .execution_options(synchronize_session=False)
        )


def growth(session: Session, challenge_id: int | None = None) -> list[Growth]:
    """How much has come to a challenge since its last grouping; or to every challenge. Reads only what is new."""
    fresh = (
        select(func.count())
        .where(
            DbOutcome.challenge_id == DbChallenge.id,
            DbOutcome.id > func.coalesce(DbGrouping.grouped_to, 0),
            DbOutcome.is_error,
        )
        .correlate(DbChallenge, DbGrouping)
        .scalar_subquery()
    )
    query = (
        select(DbChallenge.id, func.coalesce(DbGrouping.finds, 0), fresh)
        .outerjoin(DbGrouping, DbGrouping.challenge_id == DbChallenge.id)
        .order_by(DbChallenge.id)
    )
    if challenge_id is not None:
        query = query.where(DbChallenge.id == challenge_id)
    return [Growth(*row) for row in session.execute(query)]


def to_place(session: Session, limit: int) -> list[int]:
    """Submissions among the newest outcomes whose place on the map is not what their outcome asks for: errors without a place or
    with one from before their verdict, and places of what is no error any more."""
    newest = select(DbOutcome.id).order_by(DbOutcome.id.desc()).limit(LAST_OUTCOMES).subquery()
    stale = or_(DbPlacement.id.is_(None), DbPlacement.placed_at < DbOutcome.settled_at)
    return list(
        session.scalars(
            select(DbOutcome.submission_id)
            .join(newest, newest.c.id == DbOutcome.id)
            .outerjoin(DbPlacement, DbPlacement.submission_id == DbOutcome.submission_id)
            .where(
                or_(
                    and_(DbOutcome.is_error, stale),
                    and_(DbOutcome.is_error.is_(False), DbPlacement.id.is_not(None)),
                )
            )
            .order_by(DbOutcome.id)
            .limit(limit)
        )
    )
