"""The known-unknowns model: how foreseeable is it that a page is an error, given every probe already judged?

A page near to known errors is foreseeable; a page as near to probes that turned out to be no errors is less so; a
page unlike any probe is not foreseeable at all. There is no retraining step: a probe counts from the moment that
`partial_fit` has seen it.

Nearness is the cosine of hashed TF-IDF rows (words, and character n-grams that bridge inflection and spelling),
less what any page of the language would share: a long page is a little like everything, and that is no evidence.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from functools import lru_cache
from typing import NamedTuple, Self, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_matrix

from classifiers.artifact import read_artifact
from classifiers.features import FeatureSettings, counts, weigh
from classifiers.machine import DEFAULTS
from classifiers.page import Page
from classifiers.probes import ProbeIndex

Pages: TypeAlias = "Sequence[Page | str] | csr_matrix"
Floats = NDArray[np.float64]

SETTINGS = FeatureSettings(bits=18, word_ngrams=1, character_ngrams=(4,), namespaces=("body", "characters"))
"""What `vectorise` counts. The shipped background is of these columns."""

LONGEST_ROW = 256
"""Only a page's most telling features are kept, so that 100,000 probes stay small and quick to search."""

_SPREAD = np.array([0.30, 0.45, 0.58, 0.69, 0.78, 0.86, 0.92, 0.96, 0.98, 1.0])
"""How much the mean of the 1, 2, ... 10 nearest counts: several alike say more than one that is as near."""


class Neighbour(NamedTuple):
    """A known error, and its cosine similarity from 0 to 1."""

    id: Hashable
    similarity: float


class Background(NamedTuple):
    """What is ordinary in the language: shipped, and never changed by probes.

    `idf`: inverse document frequency of each column. `mean`: the mean row of an ordinary text.
    """

    idf: NDArray[np.float32]
    mean: NDArray[np.float32]


@lru_cache(maxsize=1)
def background() -> Background:
    """The shipped background, read once a process."""
    arrays = read_artifact(DEFAULTS / "background").arrays
    return Background(np.asarray(arrays["idf"], np.float32), np.asarray(arrays["mean"], np.float32))


def vectorise(pages: Sequence[Page | str]) -> csr_matrix:
    """Hashed TF-IDF of pages against the background: float32, rows of length 1, shape (n, SETTINGS.columns).

    At most LONGEST_ROW entries a row. A page without any word has an empty row.
    """
    return tfidf_rows(counts(pages, SETTINGS), background().idf)


def tfidf_rows(matrix: csr_matrix, idf: NDArray[np.float32]) -> csr_matrix:
    """Counts to rows of length 1, of each row the LONGEST_ROW heaviest entries. Ties go to the lower column."""
    values, row = weigh(matrix, idf, SETTINGS)
    order = np.lexsort((-values, row))
    rank = np.arange(len(values)) - matrix.indptr[row[order]]
    kept = np.sort(order[(rank < LONGEST_ROW) & (values[order] > 0)])
    values, row, columns = values[kept], row[kept], matrix.indices[kept]
    length = np.sqrt(np.bincount(row, values * values, matrix.shape[0]))
    pointer = np.searchsorted(row, np.arange(matrix.shape[0] + 1))
    return csr_matrix(
        (values / length[row].astype(np.float32), columns, pointer), shape=matrix.shape, dtype=np.float32
    )


class KnownUnknowns:
    """Local evidence from judged probes, successes and failures alike.

    `partial_fit`, `foreseeable` and `neighbours` take pages, or the rows that `vectorise` made of them, so that
    a caller may keep the rows instead of the pages.

    Parameters
    ----------
    ordinary : how many times a page's likeness to ordinary text is taken from its likeness to probes.
    midpoint : the likeness, after that, at which q is one half.
    slope : likeness over which q's odds grow by e.
    """

    def __init__(self, *, ordinary: float = 2.0, midpoint: float = 0.075, slope: float = 0.02) -> None:
        self.ordinary = ordinary
        self.midpoint = midpoint
        self.slope = slope
        self._probes = ProbeIndex(SETTINGS.columns)

    def __len__(self) -> int:
        return len(self._probes)

    def partial_fit(self, pages: Pages, is_error: ArrayLike, ids: Sequence[Hashable] | None = None) -> Self:
        """Add judged probes; an id that is known already is judged anew (an appeal, a withdrawal).

        `is_error`, shape (n,): was the machine wrong? `ids`, n hashable values: by default the probes are numbered
        from 0 in the order of arrival. Raises ValueError where lengths differ.
        """
        self._probes.add(_rows(pages), np.asarray(is_error, np.bool_), ids)
        return self

    def rows_of(self, ids: Sequence[Hashable]) -> csr_matrix:
        """The rows that `vectorise` made of these probes, in this order. Raises KeyError for an id that it has not seen."""
        return self._probes.rows_of(ids)

    def foreseeable(self, pages: Pages) -> Floats:
        """The probability that each page is an error for a reason already found, shape (n,), in [0, 1]."""
        rows = _rows(pages)
        ordinary = self.ordinary * np.asarray(rows @ background().mean, np.float64)
        answer = np.zeros(rows.shape[0])
        for index in range(rows.shape[0]):
            errors, others = self._probes.nearest(rows[index], len(_SPREAD))
            if errors.similarity.size:
                for_it = _likeness(errors.similarity) - ordinary[index]
                against = _likeness(others.similarity) - ordinary[index]
                answer[index] = self._odds(for_it) * _share(for_it, against)
        return answer

    def neighbours(self, pages: Pages, k: int = 3) -> list[list[Neighbour]]:
        """The k known errors most like each page, most similar first; those that share no feature are left out."""
        rows = _rows(pages)
        answer = []
        for index in range(rows.shape[0]):
            errors, _ = self._probes.nearest(rows[index], k)
            found = zip(errors.places, errors.similarity, strict=True)
            answer.append(
                [Neighbour(self._probes.ids[place], min(1.0, float(near))) for place, near in found]
            )
        return answer

    def _odds(self, likeness: float) -> float:
        return float(1.0 / (1.0 + np.exp((self.midpoint - likeness) / self.slope)))


def _likeness(nearest: Floats) -> float:
    """The most telling mean of the nearest few: the maximum over j of _SPREAD[j] * mean of the j + 1 nearest.

    `nearest` holds similarities, highest first. It never falls when a probe is added.
    """
    count = min(len(_SPREAD), nearest.size)
    if not count:
        return 0.0
    return float(np.max(_SPREAD[:count] * np.cumsum(nearest[:count]) / np.arange(1, count + 1)))


def _share(for_it: float, against: float) -> float:
    """How much of the local evidence says error: 1 where nothing speaks against it, one half where both do alike."""
    if against <= 0:
        return 1.0
    return max(for_it, 0.0) ** 2 / (max(for_it, 0.0) ** 2 + against**2)


def _rows(pages: Pages) -> csr_matrix:
    return pages if isinstance(pages, csr_matrix) else vectorise(pages)
