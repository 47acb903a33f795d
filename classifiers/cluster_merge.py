"""Clusters that are as like each other as they are within are one cause: they are joined."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from classifiers.cluster_graph import Floats, Labels, indicator


def likeness_between(rows: csr_matrix, labels: Labels, ordinary: Floats) -> tuple[Floats, NDArray[np.int64]]:
    """Sums, over pairs of members, of similarity less ordinary likeness, shape (k, k), and the sizes, shape (k,).

    No member is paired with itself. `ordinary`, shape (n,): how like ordinary text each row is; a pair counts
    with the mean of its two. `labels` run from 0; those below 0 are left out.
    """
    k = int(labels.max(initial=-1)) + 1
    kept = labels >= 0
    size = np.bincount(labels[kept], minlength=k)
    sums = indicator(labels, k) @ rows
    square = np.bincount(labels[kept], np.asarray(rows.multiply(rows).sum(axis=1)).ravel()[kept], minlength=k)
    pairs = np.asarray((sums @ sums.T).toarray(), np.float64) - np.diag(square)
    mean = np.bincount(labels[kept], ordinary[kept], minlength=k) / np.maximum(size, 1)
    number = np.outer(size, size) - np.diag(size)
    return pairs - (mean[:, None] + mean[None, :]) / 2 * number, size


def join_alike(rows: csr_matrix, labels: Labels, ordinary: Floats, at: float) -> Labels:
    """Join the two clusters most alike again and again, while their likeness is at least `at`; renumbered from 0.

    The likeness of two clusters is the mean similarity across them over the geometric mean of those within, all
    less ordinary likeness: 1 where the border between them tells nothing. A cluster whose members are no more
    alike than ordinary text is joins no other.
    """
    pairs, size = likeness_between(rows, labels, ordinary)
    weight = size.astype(np.float64)
    into = np.arange(len(weight))
    alive = weight > 0
    while alive.sum() > 1:
        one, two, near = _most_alike(pairs, weight, alive)
        if near < at:
            break
        pairs[one] += pairs[two]
        pairs[:, one] += pairs[:, two]
        weight[one] += weight[two]
        alive[two] = False
        into[into == two] = one
    joined = np.append(into, -1)[labels]
    return renumbered(joined)


def renumbered(labels: Labels) -> Labels:
    """The same groups numbered by size, largest first, then by their first member; -1 stays."""
    names, first, where, size = np.unique(labels, return_index=True, return_inverse=True, return_counts=True)
    order = np.lexsort((first, -size))
    order = order[names[order] >= 0]
    number = np.full(len(names), -1, np.int64)
    number[order] = np.arange(len(order))
    return number[where]


def _most_alike(pairs: Floats, weight: Floats, alive: NDArray[np.bool_]) -> tuple[int, int, float]:
    within = np.maximum(np.diag(pairs), 0.0) / np.maximum(weight * (weight - 1), 1)
    scale = np.sqrt(np.outer(within, within)) * np.outer(weight, weight)
    known = np.outer(alive, alive) & (scale > 0)
    near = np.divide(pairs, scale, out=np.full(pairs.shape, -1.0), where=known)
    near[np.tril_indices(len(near))] = -1.0
    one, two = np.unravel_index(int(np.argmax(near)), near.shape)
    return int(one), int(two), float(near[one, two])
