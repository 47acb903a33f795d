"""Judged probes, kept so that adding one is cheap and finding those like a page is quick.

Most rows stand in an inverted index (features by probes); the newest wait in a short tail that is searched whole,
and is merged when it has grown. Adding n probes one by one so costs O(n log n) row copies in all.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, vstack

_TAIL = 256
_GROWTH = 0.05
_COMMON = 0.03
_FEW = 500
_CANDIDATES = 64


class Nearest(NamedTuple):
    """Probes most like a page: their places in the order of arrival, and similarities, most similar first."""

    places: NDArray[np.int64]
    similarity: NDArray[np.float64]


class ProbeIndex:
    """Sparse rows of `columns` features, each with an id and whether the machine was wrong.

    Candidates are found by the features that few probes have, and then compared in full. With up to 500 probes,
    or none of its features in more than 3% of them, a search is exact.
    """

    def __init__(self, columns: int) -> None:
        self.ids: list[Hashable] = []
        self._wrong = bytearray()
        self._place: dict[Hashable, int] = {}
        self._rows = csr_matrix((0, columns), dtype=np.float32)
        self._inverted = csr_matrix((columns, 0), dtype=np.float32)
        self._tail: list[csr_matrix] = []
        self._tail_rows: csr_matrix | None = None

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def is_error(self) -> NDArray[np.bool_]:
        """Was the machine wrong? Shape (len(self),), in the order of arrival."""
        return np.array(self._wrong, dtype=np.bool_)

    def add(self, rows: csr_matrix, is_error: NDArray[np.bool_], ids: Sequence[Hashable] | None) -> None:
        """Add rows (n, columns). An id that is known keeps its row and takes the new judgement.

        Raises ValueError where lengths differ or an id is given twice at once.
        """
        given = list(ids) if ids is not None else list(range(len(self.ids), len(self.ids) + rows.shape[0]))
        if not rows.shape[0] == len(is_error) == len(given):
            raise ValueError(
                f"there are {rows.shape[0]} pages, {len(is_error)} judgements and {len(given)} ids"
            )
        if len(set(given)) != len(given):
            raise ValueError("an id is given twice")
        fresh = []
        for index, each in enumerate(given):
            if each in self._place:
                self._wrong[self._place[each]] = bool(is_error[index])
            else:
                fresh.append(index)
        if fresh:
            self._append(rows[fresh], is_error[fresh], [given[index] for index in fresh])

    def rows_of(self, ids: Sequence[Hashable]) -> csr_matrix:
        """The rows of these probes, in this order, shape (len(ids), columns). Raises KeyError for an unknown id."""
        places = np.array([self._place[each] for each in ids], np.int64)
        late = places >= self._rows.shape[0]
        if not late.any():
            return self._rows[places]
        apart = vstack([self._rows[places[~late]], self._newest()[places[late] - self._rows.shape[0]]], "csr")
        return apart[np.argsort(np.argsort(late, kind="stable"), kind="stable")]

    def _newest(self) -> csr_matrix:
        """The rows of the tail in one piece."""
        if self._tail_rows is None:
            self._tail_rows = vstack(self._tail, format="csr")
        return self._tail_rows

    def nearest(self, row: csr_matrix, k: int) -> tuple[Nearest, Nearest]:
        """The k errors and the k other probes most like one row (1, columns), by inner product."""
        dense = np.zeros(row.shape[1], np.float32)
        dense[row.indices] = row.data
        old = self._rows.shape[0]
        partial = np.zeros(len(self.ids), np.float32)
        if old:
            product = row @ self._inverted
            partial[product.indices] = product.data
        if self._tail:
            partial[old:] = self._newest() @ dense
        wrong = np.frombuffer(self._wrong, np.uint8).astype(np.bool_)
        return self._best(partial, wrong, dense, k), self._best(partial, ~wrong, dense, k)

    def _best(
        self, partial: NDArray[np.float32], group: NDArray[np.bool_], dense: NDArray[np.float32], k: int
    ) -> Nearest:
        places = np.flatnonzero(group & (partial > 0))
        wanted = max(k, _CANDIDATES)
        if len(places) > wanted:
            places = places[np.argpartition(-partial[places], wanted)[:wanted]]
        similarity = partial[places].astype(np.float64)
        old = places < self._rows.shape[0]
        similarity[old] = self._rows[places[old]] @ dense
        order = np.lexsort((places, -similarity))[:k]
        return Nearest(places[order], similarity[order])

    def _append(self, rows: csr_matrix, is_error: NDArray[np.bool_], ids: list[Hashable]) -> None:
        self._place.update({each: len(self.ids) + index for index, each in enumerate(ids)})
        self.ids += ids
        self._wrong += is_error.astype(np.uint8).tobytes()
        self._tail.append(rows)
        self._tail_rows = None
        waiting = len(self.ids) - self._rows.shape[0]
        if waiting > max(_TAIL, _GROWTH * self._rows.shape[0]):
            self._rows = vstack([self._rows, *self._tail], format="csr")
            self._inverted = _without_common(self._rows).T.tocsr()
            self._tail = []
            self._tail_rows = None


def _without_common(rows: csr_matrix) -> csr_matrix:
    """The rows without features that so many have that they tell little and cost much."""
    frequency = np.bincount(rows.indices, minlength=rows.shape[1])
    kept = frequency[rows.indices] <= max(_FEW, _COMMON * rows.shape[0])
    pointer = np.concatenate(([0], np.cumsum(kept)))[rows.indptr]
    return csr_matrix((rows.data[kept], rows.indices[kept], pointer), shape=rows.shape)
