"""One find at a time: which cluster a new find joins, which finds stand for a cluster, and who belongs to none.

Without state and without scikit-learn: any process that has the rows of the finds and their labels can ask.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from classifiers.cluster_graph import Floats, Labels, indicator
from classifiers.novelty import background

LONE = 0.004
"""How much more a find must be like its cluster than like ordinary text, both as mean similarities."""

_VOTERS = 10
_COPY = 0.9


def place(row: csr_matrix, members: csr_matrix, labels: Labels, *, lone: float = LONE) -> int:
    """The cluster that a new find joins, or -1: it stays lone until the finds are next grouped anew.

    Its ten nearest finds vote, each with its similarity (those that are lone themselves vote for -1). The winner
    must be more like the find than ordinary text is, by `lone`. `row`: shape (1, columns) of `novelty.vectorise`;
    `members`, shape (n, columns), and `labels`, shape (n,): the finds that there are. Raises ValueError where
    lengths differ.
    """
    if members.shape[0] != len(labels):
        raise ValueError(f"there are {members.shape[0]} members and {len(labels)} labels")
    near = np.asarray(members @ row.toarray().ravel(), np.float64)
    voters = np.lexsort((np.arange(len(near)), -near))[:_VOTERS]
    voters = voters[near[voters] > 0]
    if not voters.size:
        return -1
    names, choice = np.unique(np.asarray(labels)[voters], return_inverse=True)
    winner = int(names[np.argmax(np.bincount(choice, near[voters]))])
    if winner < 0 or near[np.asarray(labels) == winner].mean() <= ordinary_likeness(row)[0] + lone:
        return -1
    return winner


def without_lone(rows: csr_matrix, labels: Labels, *, lone: float = LONE) -> Labels:
    """The labels, with -1 for finds no more like the rest of their cluster than ordinary text is, by `lone`."""
    inside = labels >= 0
    return np.where(inside & (_excess(rows, labels) <= lone), -1, labels).astype(np.int64)


def without_small(labels: Labels, least: int) -> Labels:
    """The labels, with -1 for the members of clusters of fewer than `least`."""
    size = np.bincount(labels[labels >= 0], minlength=int(labels.max(initial=-1)) + 1)
    small = np.append(size < least, True)
    return np.where(small[labels], -1, labels).astype(np.int64)


def exemplars(rows: csr_matrix, labels: Labels, k: int = 3) -> dict[int, list[int]]:
    """For each cluster the places of the k members nearest its centre, nearest first.

    A near copy of one already chosen is passed over while there are others. `rows`, shape (n, columns);
    `labels`, shape (n,); -1 is no cluster.
    """
    answer: dict[int, list[int]] = {}
    for label in np.unique(labels[labels >= 0]).tolist():
        places = np.flatnonzero(labels == label)
        inside = rows[places]
        centre = np.asarray(inside.mean(axis=0), np.float64).ravel()
        ranked = np.lexsort((places, -(inside @ centre))).tolist()
        answer[label] = [int(places[each]) for each in _varied(inside, ranked, k)]
    return answer


def _varied(rows: csr_matrix, ranked: list[int], k: int) -> list[int]:
    chosen: list[int] = []
    for each in ranked:
        if len(chosen) == k:
            return chosen
        if not chosen or (rows[chosen] @ rows[each].T).max() < _COPY:
            chosen.append(each)
    rest = [each for each in ranked if each not in chosen]
    return chosen + rest[: k - len(chosen)]


def _excess(rows: csr_matrix, labels: Labels) -> Floats:
    """The mean similarity of each row to the other members of its cluster, less that to ordinary text, shape (n,)."""
    groups = int(labels.max(initial=-1)) + 1
    if not groups:
        return np.zeros(len(labels))
    own = np.maximum(labels, 0)
    likeness = (rows @ (indicator(labels, groups) @ rows).T).toarray()[np.arange(len(labels)), own]
    square = np.asarray(rows.multiply(rows).sum(axis=1)).ravel()
    others = np.bincount(own[labels >= 0], minlength=groups)[own] - 1
    return np.asarray((likeness - square) / np.maximum(others, 1) - ordinary_likeness(rows))


def ordinary_likeness(rows: csr_matrix) -> NDArray[np.float64]:
    """How like ordinary text of the language each row is: its mean similarity to such texts, shape (n,)."""
    return np.asarray(rows @ background().mean, np.float64)
