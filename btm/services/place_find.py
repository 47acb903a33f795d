"""Give a verified error its place: the cluster of its like, and a point on the map. May be rung twice, or be killed at any point."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

import numpy as np
from scipy.sparse import vstack

from btm.services import memory
from btm.store import challenges, clusters, play
from btm.store.clusters import Find
from btm.store.tables_review import DbOutcome
from btm.store.transaction import Session, reading, transaction
from classifiers.cluster_place import place
from classifiers.map2d import join

MOST_FINDS = 20_000
"""A find is compared with so many of the newest."""
MOST_TRIES = 3


class _Spot(NamedTuple):
    """Where a find belongs, and the grouping that this was read from."""

    cluster_id: int | None
    x: float
    y: float
    version: int


def place_find(submission_id: int, *, now: datetime) -> None:
    """Place a verified error among those of its challenge; take away the place of what is no error (any more).

    What it is like is worked out beside any transaction. Where the finds were grouped anew meanwhile, that is done again.
    """
    for _ in range(MOST_TRIES):
        with reading() as session:
            outcome = play.outcome_of(session, submission_id)
            if outcome is None or not outcome.is_error:
                break
            placement = clusters.placement_of(session, submission_id)
            if placement is not None and placement.placed_at >= outcome.settled_at:
                return
            spot = _spot(session, outcome)
        if _put(outcome, spot, now):
            return
    _take_away_if_no_error(submission_id, now)


def _spot(session: Session, outcome: DbOutcome) -> _Spot:
    grouping = clusters.grouping_of(session, outcome.challenge_id)
    version = grouping.version if grouping else 0
    finds = [
        find
        for find in clusters.newest_finds(session, outcome.challenge_id, MOST_FINDS)
        if find.placement_id is not None and find.submission_id != outcome.submission_id
    ]
    ids = [find.submission_id for find in finds]
    rows = memory.rows_of(session, outcome.challenge_id, [*ids, outcome.submission_id])
    row, members = rows[len(ids)], rows[: len(ids)]
    alike = [at for at, find in enumerate(finds) if _pair(find) == (outcome.truth, outcome.assigned)]
    labels = np.array([finds[at].cluster_id or -1 for at in alike], np.int64)
    cluster = place(row, members[alike], labels)
    known = {at: (find.x or 0.0, find.y or 0.0) for at, find in enumerate(finds)}
    x, y = join(vstack([members, row], "csr"), known, outcome.submission_id)[-1].tolist()
    return _Spot(cluster if cluster >= 0 else None, x, y, version)


def _pair(find: Find) -> tuple[str, str]:
    return find.truth, find.assigned


def _put(outcome: DbOutcome, spot: _Spot, now: datetime) -> bool:
    """Write the place, unless what it rests on has changed."""
    with transaction() as session:
        challenges.lock_challenge(session, outcome.challenge_id)
        grouping = clusters.grouping_of(session, outcome.challenge_id)
        current = play.outcome_of(session, outcome.submission_id)
        if (
            current is None
            or current.id != outcome.id
            or (grouping.version if grouping else 0) != spot.version
        ):
            return False
        values = {
            "challenge_id": outcome.challenge_id, "submission_id": outcome.submission_id,
            "cluster_id": spot.cluster_id, "x": spot.x, "y": spot.y, "placed_at": max(now, outcome.settled_at),
        }  # fmt: skip
        moved = clusters.placement_of(session, outcome.submission_id) is not None
        clusters.put(session, values)
        if moved:
            clusters.retire_empty(session, outcome.challenge_id, now)
        return True


def _take_away_if_no_error(submission_id: int, now: datetime) -> None:
    with transaction() as session:
        placement = clusters.placement_of(session, submission_id)
        if placement is None:
            return
        challenges.lock_challenge(session, placement.challenge_id)
        outcome = play.outcome_of(session, submission_id)
        if outcome is None or not outcome.is_error:
            challenge_id = placement.challenge_id
            clusters.take_away(session, submission_id)
            clusters.retire_empty(session, challenge_id, now)
