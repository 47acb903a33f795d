"""Errors grouped by cause: finds that are alike, however many causes there may be.

Each find is tied to those most like it, by the rows that the known-unknowns model compares too; the groups that
hang together more than chance would have it are the clusters (`cluster_graph`), clusters as like each other as
they are within are joined (`cluster_merge`), and a find no more like its cluster than like ordinary text stays
alone (`cluster_place`). Nobody says how many causes there are. What goes with it: `cluster_names`, `cluster_ids`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self, TypeAlias

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.base import BaseEstimator, ClusterMixin, clone

from classifiers.cluster_graph import Floats, Labels, communities, nearest_neighbours
from classifiers.cluster_ids import match_ids
from classifiers.cluster_merge import join_alike, renumbered
from classifiers.cluster_names import cluster_name, distinguishing_terms
from classifiers.cluster_place import LONE, exemplars, ordinary_likeness, place, without_lone, without_small
from classifiers.novelty import vectorise
from classifiers.page import Page, as_page

__all__ = [
    "CauseClusters",
    "ErrorClusters",
    "cluster_name",
    "distinguishing_terms",
    "exemplars",
    "group",
    "match_ids",
    "place",
]

Pages: TypeAlias = "Sequence[Page | str] | csr_matrix"


class CauseClusters(ClusterMixin, BaseEstimator):  # type: ignore[misc]
    """Clusters of finds, in scikit-learn's words. Run it once a (true label, predicted label).

    After `fit`: `labels_`, shape (n,), from 0 for the largest cluster down in size, -1 for lone finds. `names_`
    maps labels to names made of distinguishing terms, where `fit` was given pages; it is empty for bare rows.

    Parameters
    ----------
    neighbours : how many of its like each find is tied to.
    resolution : above 1 more and smaller clusters, below 1 fewer.
    join_at : clusters as like each other as this share of their likeness within are joined (`join_alike`).
    lone : how much more a find must be like its cluster than like ordinary text. 0 or less leaves fewer lone.
    least : a cluster has at least this many finds.
    estimator : another clusterer with `fit_predict`, asked instead of the neighbour graph about dense rows of
        length 1 and at most `dimensions` columns (the rows' leading singular vectors). Its labels stand as they
        are, numbered by size; `neighbours`, `resolution`, `join_at`, `lone` and `least` then mean nothing.
    dimensions : see `estimator`.
    random_state : an integer. Equal input and state give equal labels.
    """

    def __init__(
        self,
        *,
        neighbours: int = 30,
        resolution: float = 1.0,
        join_at: float = 0.5,
        lone: float = LONE,
        least: int = 3,
        estimator: Any = None,
        dimensions: int = 50,
        random_state: int = 0,
    ) -> None:
        self.neighbours = neighbours
        self.resolution = resolution
        self.join_at = join_at
        self.lone = lone
        self.least = least
        self.estimator = estimator
        self.dimensions = dimensions
        self.random_state = random_state

    def fit(self, X: Pages, y: object = None) -> Self:
        """Group pages, or the rows that `novelty.vectorise` made of them. `y` is not looked at."""
        rows = X if isinstance(X, csr_matrix) else vectorise(X)
        self.labels_ = self._labels(rows)
        self.names_ = {} if isinstance(X, csr_matrix) else _names(X, self.labels_)
        return self

    def _labels(self, rows: csr_matrix) -> Labels:
        if self.estimator is None:
            return group(
                rows,
                neighbours=self.neighbours,
                resolution=self.resolution,
                join_at=self.join_at,
                lone=self.lone,
                least=self.least,
                seed=self.random_state,
            )
        if rows.shape[0] < 2:
            return np.full(rows.shape[0], -1, np.int64)
        dense = reduced(rows, self.dimensions, self.random_state)
        return renumbered(np.asarray(clone(self.estimator).fit_predict(dense), np.int64))


ErrorClusters = CauseClusters
"""The same, by the name that says what is grouped."""


def group(
    rows: csr_matrix,
    *,
    neighbours: int = 30,
    resolution: float = 1.0,
    join_at: float = 0.5,
    lone: float = LONE,
    least: int = 3,
    seed: int = 0,
) -> Labels:
    """The labels of rows, shape (n,), as `CauseClusters` describes them. Without scikit-learn's ceremony."""
    near = nearest_neighbours(rows, neighbours)
    found = communities((near + near.T).tocsr(), resolution=resolution, seed=seed)
    labels = renumbered(without_small(found, least))
    labels = join_alike(rows, labels, ordinary_likeness(rows), join_at)
    return renumbered(without_small(without_lone(rows, labels, lone=lone), least))


def reduced(rows: csr_matrix, dimensions: int, seed: int = 0) -> Floats:
    """Dense rows of length 1 in the leading singular directions: shape (n, at most `dimensions`). Empty rows stay zero."""
    from sklearn.decomposition import TruncatedSVD

    present = np.flatnonzero(np.bincount(rows.indices, minlength=rows.shape[1]))
    most = min(dimensions, rows.shape[0] - 1, len(present) - 1)
    if most < 1:
        return np.ones((rows.shape[0], 1))
    dense = TruncatedSVD(most, random_state=seed).fit_transform(rows[:, present].astype(np.float64))
    length = np.linalg.norm(dense, axis=1, keepdims=True)
    return np.asarray(dense / np.where(length > 0, length, 1.0), np.float64)


def _names(pages: Sequence[Page | str], labels: Labels) -> dict[int, str]:
    texts: dict[int, list[Page]] = {}
    for page, label in zip(pages, labels.tolist(), strict=True):
        texts.setdefault(label, []).append(as_page(page))
    others = texts.pop(-1, [])
    return {label: cluster_name(terms) for label, terms in distinguishing_terms(texts, others=others).items()}
