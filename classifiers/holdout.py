"""Setting pages aside, so that a machine is measured on what it never saw."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold


def hold_out(
    labels: Sequence[str], groups: Sequence[str] | None = None, *, folds: int = 5, seed: int = 0
) -> NDArray[np.bool_]:
    """Which pages to hold out: one of `folds` parts, every label in its share; shape (n,). The same input gives the same answer.

    `groups`, shape (n,): pages of one group (say a site) never stand on both sides; an empty one is a group by itself.
    Where there are too few groups for that, pages are drawn one by one. Raises ValueError for a label of one page.
    """
    kinds, y = np.unique(np.asarray(labels), return_inverse=True)
    folds = min(folds, int(np.bincount(y).min()))
    if folds < 2:
        raise ValueError("a label with a single page cannot stand on both sides")
    held = np.zeros(len(y), np.bool_)
    keys = _numbered(groups) if groups is not None else np.arange(len(y))
    if folds <= len(np.unique(keys)) < len(y):
        splitter = StratifiedGroupKFold(folds, shuffle=True, random_state=seed)
        for _, test in splitter.split(np.zeros(len(y)), y, keys):
            inside = np.bincount(y[test], minlength=len(kinds))
            if inside.all() and (np.bincount(y) > inside).all():
                held[test] = True
                return held
    _, test = next(StratifiedKFold(folds, shuffle=True, random_state=seed).split(np.zeros(len(y)), y))
    held[test] = True
    return held


def _numbered(groups: Sequence[str]) -> NDArray[np.int64]:
    """A number for each group; each page without one is a group by itself."""
    known: dict[str, int] = {}
    return np.array(
        [
            known.setdefault(group, len(known)) if group else len(groups) + index
            for index, group in enumerate(groups)
        ]
    )
