"""The finds of a challenge put into groups: which belong together, which finds stand for each. Shared by the services."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix

from btm.store.clusters import Find
from btm.store.tables_corpus import DbCluster
from classifiers.clusters import CauseClusters, exemplars, match_ids
from classifiers.map2d import layout

MOST_EXEMPLARS = 5
Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Group:
    """Finds of one cause. `cluster_id` is that of the cluster that it goes on with, or one that no cluster has yet; `members` and
    `exemplars` are submission ids."""

    cluster_id: int
    truth: str
    assigned: str
    members: tuple[int, ...]
    exemplars: tuple[int, ...]


def group_finds(finds: Sequence[Find], rows: csr_matrix, clusters: Sequence[DbCluster]) -> list[Group]:
    """The groups of finds, within each pair of true and assigned label. `rows`: those of the finds, shape (n, columns).

    A group that shares most of its finds with a cluster goes on with it. One that comes back, after a grouping had left its cluster
    without finds, is known by that cluster's exemplars.
    """
    answer: list[Group] = []
    next_id = max((each.id for each in clusters), default=0) + 1
    for pair in sorted({(find.truth, find.assigned) for find in finds}):
        places = [at for at, find in enumerate(finds) if (find.truth, find.assigned) == pair]
        inside = rows[places]
        labels = CauseClusters().fit_predict(inside)
        ids = [finds[at].submission_id for at in places]
        typical = exemplars(inside, labels, k=MOST_EXEMPLARS)
        members = {label: tuple(ids[at] for at in np.flatnonzero(labels == label)) for label in typical}
        named = _ids(pair, finds, places, members, clusters, next_id)
        next_id = max([next_id, *(each + 1 for each in named.values())])
        for label, each in members.items():
            chosen = tuple(ids[at] for at in typical[label])
            answer.append(Group(named[label], *pair, each, chosen))
    return answer


def _ids(
    pair: Pair,
    finds: Sequence[Find],
    places: Sequence[int],
    members: Mapping[int, tuple[int, ...]],
    clusters: Sequence[DbCluster],
    next_id: int,
) -> dict[int, int]:
    own = {each.id for each in clusters if (each.truth, each.assigned) == pair}
    old = {
        finds[at].submission_id: finds[at].cluster_id or -1 for at in places if finds[at].cluster_id in own
    }
    new = {submission: label for label, each in members.items() for submission in each}
    ids = match_ids(old, new, next_id)
    for cluster in clusters:
        if cluster.retired_at is not None and cluster.id in own and cluster.id not in ids.values():
            seen = Counter(
                new[each] for each in cluster.exemplars if each in new and ids[new[each]] >= next_id
            )
            if seen and 2 * seen.most_common(1)[0][1] >= len(cluster.exemplars):
                ids[seen.most_common(1)[0][0]] = cluster.id
    return ids


def arrange(finds: Sequence[Find], rows: csr_matrix, before: int) -> list[tuple[float, float]]:
    """The map: a point for each find. Finds that have a point keep it, until there are twice as many as when the map was last made
    (`before`: at the last grouping); then it is made anew, beginning from half of the points, and turned to lie as it did."""
    known = {
        at: (find.x, find.y) for at, find in enumerate(finds) if find.x is not None and find.y is not None
    }
    if len(finds).bit_length() > before.bit_length():
        known = {at: point for at, point in known.items() if at % 2 == 0 and before}
    return [(float(x), float(y)) for x, y in layout(rows, 0, known)]
