"""Judged probes, kept so that adding one is cheap and finding those like a page is quick.

Most rows stand in an inverted index (features by probes); the newest wait in a short tail that is searched whole,
and is merged when it has grown. Adding n probes one by one so costs O(n log n) row copies in all.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, vstack

_TAIL = 256
_GROWTH = 0.125


class ProbeIndex:
    """Sparse rows of `columns` features, each with an id and whether the machine was wrong."""

    def __init__(self, columns: int) -> None:
        self.ids: list[Hashable] = []
        self.is_error: NDArray[np.bool_] = np.zeros(0, np.bool_)
        self._place: dict[Hashable, int] = {}
        self._rows = csr_matrix((0, columns), dtype=np.float32)
        self._inverted = csr_matrix((columns, 0), dtype=np.float32)
        self._tail: list[csr_matrix] = []
        self._tail_rows: csr_matrix | None = None

    def __len__(self) -> int:
        return len(self.ids)

    def add(self, rows: csr_matrix, is_error: NDArray[np.bool_], ids: Sequence[Hashable] | None) -> None:
        """Add rows (n, columns). An id that is known keeps its row and takes the new judgement.

        Raises ValueError where lengths differ or an id is given twice at once.
        """
        given = list(ids) if ids is not None else list(range(len(self.ids), len(self.ids) + rows.shape[0]))
        if not rows.shape[0] == len(is_error) == len(given):
            raise ValueError(f"there are {rows.shape[0]} pages, {len(is_error)} judgements and {len(given)} ids")
        if len(set(given)) != len(given):
            raise ValueError("an id is given twice")
        fresh = [index for index, each in enumerate(given) if each not in self._place]
        if len(fresh) < len(given):
            for each, wrong in zip(given, is_error, strict=True):
                if each in self._place:
                    self.is_error[self._place[each]] = wrong
        if fresh:
            self._append(rows[fresh], is_error[fresh], [given[index] for index in fresh])

    def similarity(self, row: csr_matrix) -> NDArray[np.float64]:
        """The inner product of one row (1, columns) with every probe's, shape (len(self),), in order of arrival."""
        found = np.zeros(len(self.ids))
        old = self._rows.shape[0]
        if old:
            product = row @ self._inverted
            found[product.indices] = product.data
        if self._tail:
            if self._tail_rows is None:
                self._tail_rows = vstack(self._tail, format="csr")
            dense = np.zeros(row.shape[1], np.float32)
            dense[row.indices] = row.data
            found[old:] = self._tail_rows @ dense
        return found

    def _append(self, rows: csr_matrix, is_error: NDArray[np.bool_], ids: list[Hashable]) -> None:
        self._place.update({each: len(self.ids) + index for index, each in enumerate(ids)})
        self.ids += ids
        self.is_error = np.concatenate((self.is_error, is_error))
        self._tail.append(rows)
        self._tail_rows = None
        waiting = len(self.ids) - self._rows.shape[0]
        if waiting > max(_TAIL, _GROWTH * self._rows.shape[0]):
            self._rows = vstack([self._rows, *self._tail], format="csr")
            self._inverted = self._rows.T.tocsr()
            self._tail = []
