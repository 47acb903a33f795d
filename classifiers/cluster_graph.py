"""Who is like whom among the finds, and which of them hang together: a neighbour graph and its communities.

NumPy and SciPy alone, so that a web worker may import it.
"""

from __future__ import annotations

from collections import deque

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]

_BLOCK_CELLS = 10_000_000


def nearest_neighbours(rows: csr_matrix, k: int) -> csr_matrix:
    """The k rows most like each row, by inner product, exactly: shape (n, n), entries are similarities above 0.

    A row is no neighbour of its own. Ties go to no one in particular, but always the same way. Works in blocks,
    so that memory stays flat: about 150 MB at 20,000 rows.
    """
    n = rows.shape[0]
    k = min(k, n - 1)
    if k < 1:
        return csr_matrix((n, n), dtype=np.float32)
    across = rows.T.tocsr()
    block = max(1, _BLOCK_CELLS // n)
    columns, values = [], []
    for start in range(0, n, block):
        near = (rows[start : start + block] @ across).toarray()
        here = np.arange(near.shape[0])
        near[here, start + here] = -1.0
        best = np.sort(np.argpartition(-near, k - 1, axis=1)[:, :k], axis=1)
        columns.append(best.ravel())
        values.append(np.take_along_axis(near, best, axis=1).ravel())
    graph = csr_matrix(
        (np.concatenate(values), np.concatenate(columns), np.arange(0, n * k + 1, k)), shape=(n, n)
    )
    graph.data[graph.data < 0] = 0
    graph.eliminate_zeros()
    return graph


def communities(graph: csr_matrix, *, resolution: float = 1.0, seed: int = 0) -> Labels:
    """Groups of a weighted undirected graph that are more tied within than chance would have it: labels from 0.

    Modularity (Newman and Girvan 2004; `resolution` as in Reichardt and Bornholdt 2006), made large by the method
    of Louvain (Blondel and others 2008), with a queue of the nodes whose neighbours moved (as in Leiden, Traag and
    others 2019). `graph`, shape (n, n), must be symmetric. A node without edges is a group of its own.
    """
    labels = np.arange(graph.shape[0])
    while True:
        moved = _move(graph, resolution, seed)
        names, moved = np.unique(moved, return_inverse=True)
        labels = moved[labels].astype(np.int64)
        if len(names) == graph.shape[0]:
            return labels
        member = indicator(moved, len(names))
        graph = (member @ graph @ member.T).tocsr()


def indicator(labels: Labels, groups: int) -> csr_matrix:
    """Shape (groups, n): one where a row belongs to a group. Labels below 0 belong to none."""
    kept = np.flatnonzero(labels >= 0)
    return csr_matrix((np.ones(len(kept)), (labels[kept], kept)), shape=(groups, len(labels)))


def _move(graph: csr_matrix, resolution: float, seed: int) -> Labels:
    """Move each node to the neighbouring group that it adds most modularity to, until none wants to move."""
    n = graph.shape[0]
    pointer, columns, weights = graph.indptr.tolist(), graph.indices.tolist(), graph.data.tolist()
    degree = np.asarray(graph.sum(axis=1), np.float64).ravel()
    share = resolution / degree.sum() if degree.sum() else 0.0
    degrees, total = degree.tolist(), degree.tolist()
    group = list(range(n))
    queue = deque(np.random.default_rng(seed).permutation(n).tolist())
    waiting = [True] * n
    while queue:
        node = queue.popleft()
        waiting[node] = False
        old, mine = group[node], degrees[node]
        neighbours = range(pointer[node], pointer[node + 1])
        tie = {old: 0.0}
        for place in neighbours:
            if columns[place] != node:
                other = group[columns[place]]
                tie[other] = tie.get(other, 0.0) + weights[place]
        total[old] -= mine
        best, gain = old, tie[old] - share * mine * total[old]
        for other, weight in tie.items():
            if weight - share * mine * total[other] > gain + 1e-12:
                best, gain = other, weight - share * mine * total[other]
        total[best] += mine
        if best == old:
            continue
        group[node] = best
        for place in neighbours:
            other = columns[place]
            if not waiting[other] and group[other] != best:
                waiting[other] = True
                queue.append(other)
    return np.asarray(group, np.int64)
