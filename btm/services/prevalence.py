"""What a scan's estimate of a cluster makes a new find of it worth. Shared by the services."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from btm.services import memory
from btm.services.memory import Foreseen
from btm.store import pool
from btm.store.tables_challenges import DbChallenge
from btm.store.transaction import Session
from classifiers.cluster_place import LONE, ordinary_likeness

VOTERS = 10
MOST_MEMBERS = 200
"""A page is held against so many of a cluster's newest finds."""


def weight_of(
    session: Session, challenge: DbChallenge, foreseen: Foreseen, probabilities: Sequence[float]
) -> float:
    """The weight of the cluster that a page would be placed in, were it a find of what it is claimed to be: 1 where it would stand
    alone, and for a cluster that was never scanned.

    As a find is placed (`classifiers.cluster_place.place`): the ten nearest placed finds of the same error vote, and the page must be
    more like the winner's finds than ordinary text is. `foreseen` holds the page's row and its neighbours, so nothing is searched
    for again: where the winner has no weight of its own, one small query is all.
    """
    if foreseen.row is None or not foreseen.nearest:
        return 1.0
    pair = (challenge.target, challenge.label_keys[int(np.argmax(probabilities))])
    placed = pool.place_weights(session, challenge.id, [each for each, _ in foreseen.nearest])
    voters = [
        (placed[each], near) for each, near in foreseen.nearest if each in placed and placed[each][:2] == pair
    ]
    votes: dict[int, float] = {}
    weights: dict[int, float] = {}
    for (_, _, cluster_id, weight), near in voters[:VOTERS]:
        key = cluster_id or -1
        votes[key] = votes.get(key, 0.0) + near
        weights[key] = weight
    winner = max(sorted(votes), key=lambda key: votes[key], default=-1)
    if winner < 0 or weights[winner] == 1.0 or not _is_like(session, challenge.id, foreseen, winner):
        return 1.0
    return weights[winner]


def _is_like(session: Session, challenge_id: int, foreseen: Foreseen, cluster_id: int) -> bool:
    row = foreseen.row
    rows = memory.rows_of(session, challenge_id, pool.members(session, cluster_id, MOST_MEMBERS))
    return bool(row is not None and (rows @ row.T).mean() > ordinary_likeness(row)[0] + LONE)
