"""The known-unknowns model: how foreseeable is it that a page is an error, given every probe already judged?

A page near to known errors is foreseeable; a page near to probes that turned out to be no errors is less so; a page
unlike any probe is not foreseeable at all. There is no retraining step: a probe counts from the moment that
`partial_fit` has seen it.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from functools import lru_cache
from typing import NamedTuple, Self, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_matrix, vstack

from classifiers.artifact import read_artifact
from classifiers.features import FeatureSettings, counts, weigh
from classifiers.machine import DEFAULTS
from classifiers.page import Page

Pages: TypeAlias = "Sequence[Page | str] | csr_matrix"
SETTINGS = FeatureSettings(bits=18, word_ngrams=2, character_ngrams=(), namespaces=("body",))
"""What `vectorise` counts. The shipped background inverse document frequencies are of these columns."""


class Neighbour(NamedTuple):
    """A known error, and its cosine similarity from 0 to 1."""

    id: Hashable
    similarity: float


@lru_cache(maxsize=1)
def background_idf() -> NDArray[np.float32]:
    """The inverse document frequency of every column, 0 for stop words, from the shipped background."""
    return np.asarray(read_artifact(DEFAULTS / "background").arrays["idf"], np.float32)


def vectorise(pages: Sequence[Page | str]) -> csr_matrix:
    """Hashed TF-IDF of pages against the background, float32, rows of length 1, shape (n, SETTINGS.columns).

    A page without a telling word has an empty row.
    """
    matrix = counts(pages, SETTINGS)
    values, _ = weigh(matrix, background_idf(), SETTINGS)
    matrix = csr_matrix((values, matrix.indices, matrix.indptr), shape=matrix.shape)
    matrix.eliminate_zeros()
    return matrix


class KnownUnknowns:
    """Local evidence from judged probes, successes and failures alike.

    `partial_fit`, `foreseeable` and `neighbours` take pages, or the rows that `vectorise` made of them.
    """

    def __init__(self, *, reach: float = 0.25, neighbours: int = 10) -> None:
        self.reach = reach
        self.neighbours_ = neighbours
        self._rows = csr_matrix((0, SETTINGS.columns), dtype=np.float32)
        self._is_error: NDArray[np.bool_] = np.zeros(0, np.bool_)
        self._ids: list[Hashable] = []

    def partial_fit(
        self, pages: Pages, is_error: ArrayLike, ids: Sequence[Hashable] | None = None
    ) -> Self:
        """Add judged probes. `is_error`, shape (n,): was the machine wrong? An id already known is judged anew."""
        rows = _rows(pages)
        errors = np.asarray(is_error, np.bool_)
        given = list(ids) if ids is not None else list(range(len(self._ids), len(self._ids) + rows.shape[0]))
        self._rows = vstack([self._rows, rows], format="csr")
        self._is_error = np.concatenate((self._is_error, errors))
        self._ids += given
        return self

    def foreseeable(self, pages: Pages) -> NDArray[np.float64]:
        """The probability that each page is an error for a reason already found, shape (n,), in [0, 1]."""
        similarity = self._similarity(_rows(pages))
        for_it = similarity[:, self._is_error].max(axis=1, initial=0.0)
        against = similarity[:, ~self._is_error].max(axis=1, initial=0.0)
        near = np.clip(for_it / (3 * self.reach), 0, 1)
        return np.asarray(near * for_it**2 / np.maximum(for_it**2 + against**2, 1e-12))

    def neighbours(self, pages: Pages, k: int = 3) -> list[list[Neighbour]]:
        """The k known errors most like each page, most similar first; those without likeness are left out."""
        similarity = self._similarity(_rows(pages))
        similarity[:, ~self._is_error] = 0
        order = np.argsort(-similarity, axis=1)[:, :k]
        return [
            [Neighbour(self._ids[i], float(min(1, row[i]))) for i in best if row[i] > 0]
            for row, best in zip(similarity, order, strict=True)
        ]

    def _similarity(self, rows: csr_matrix) -> NDArray[np.float64]:
        return np.asarray((rows @ self._rows.T).toarray(), np.float64)


def _rows(pages: Pages) -> csr_matrix:
    return pages if isinstance(pages, csr_matrix) else vectorise(pages)
