"""What a machine learns from, and how it is split: whole clusters on one side, near-duplicates never on both.

A corpus that is split page by page measures how well a machine remembers; split by cluster, how well it understands.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from classifiers.novelty import vectorise
from classifiers.page import Page, as_page

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
Kind = Literal["base", "corpus", "probe"]
NEAR = 0.9
"""Cosine likeness of two pages' words from which they count as the same page."""
_BATCH = 500


@dataclass(frozen=True)
class Example:
    """A page with its true label. `group`: its cluster, or its site for a base page; empty for one that stands alone.

    `kind`: `base` (ordinary labelled traffic), `corpus` (a verified error), `probe` (verified, and the machine was right).
    """

    page: Page | str
    label: str
    group: str = ""
    kind: Kind = "base"
    weight: float = 1.0


def text_of(page: Page | str) -> str:
    """What makes two pages the same one: title and body, blanks evened out."""
    page = as_page(page)
    return " ".join(f"{page.title} {page.text}".split())


def split_by_cluster(corpus: Sequence[Example], folds: int, seed: int) -> Integers:
    """The fold of each example, shape (n,), from 0 to folds - 1, folds of about equal size.

    A cluster stands in one fold, whole; so do clusters that share near-duplicate pages. A find without a cluster is
    a group by itself. The same input gives the same answer. Raises ValueError for fewer than two folds.
    """
    if folds < 2:
        raise ValueError(f"folds is {folds}; a split needs at least 2")
    groups = joined_groups(corpus)
    sizes = np.bincount(groups)
    order = np.lexsort((np.random.default_rng(seed).random(len(sizes)), -sizes))
    fold_of, filled = np.zeros(len(sizes), np.int64), np.zeros(folds, np.int64)
    for group in order:
        fold_of[group] = int(filled.argmin())
        filled[fold_of[group]] += sizes[group]
    return np.asarray(fold_of[groups], np.int64)


def joined_groups(corpus: Sequence[Example]) -> Integers:
    """A number for each example's cluster, shape (n,); clusters with a near-duplicate in common have the same."""
    known: dict[str, int] = {}
    start = [
        known.setdefault(each.group, place) if each.group else place for place, each in enumerate(corpus)
    ]
    parent = list(range(len(corpus)))
    for place, first in enumerate(start):
        _join(parent, place, first)
    for one, other in _near_pairs(corpus):
        _join(parent, one, other)
    roots = [_root(parent, place) for place in range(len(corpus))]
    return np.asarray(np.unique(np.array(roots, np.int64), return_inverse=True)[1], np.int64)


def cluster_weights(examples: Sequence[Example]) -> Floats:
    """A weight for each example, shape (n,), n in all: a cluster weighs by the square root of its size.

    So 300 finds of one cluster weigh eight times as much as 5 of another, not sixty times.
    """
    if not examples:
        return np.zeros(0)
    names = np.array([each.group or f"\0{place}" for place, each in enumerate(examples)])
    _, place, sizes = np.unique(names, return_inverse=True, return_counts=True)
    weight = np.array([each.weight for each in examples]) / np.sqrt(sizes[place])
    return np.asarray(weight * len(examples) / max(float(weight.sum()), 1e-12))


def base_folds(base: Sequence[Example], folds: int, seed: int) -> Integers:
    """The fold of each base page, shape (n,): every label in about its share, a site on one side."""
    names = np.array([each.group or f"\0{place}" for place, each in enumerate(base)])
    _, first, group = np.unique(names, return_index=True, return_inverse=True)
    labels = np.array([each.label for each in base])[first]
    order = np.lexsort((np.random.default_rng(seed).random(len(first)), labels))
    fold_of = np.empty(len(first), np.int64)
    fold_of[order] = np.arange(len(first)) % folds
    return np.asarray(fold_of[group], np.int64)


def numbered(examples: Sequence[Example], base: Sequence[Example], labels: Sequence[str]) -> Integers:
    """Each example's label as its place in `labels`, shape (n,). Raises ValueError for what cannot be learned from."""
    if len(labels) < 2 or len(set(labels)) != len(labels):
        raise ValueError("a machine needs at least two labels, no two the same")
    place = {label: number for number, label in enumerate(labels)}
    if unknown := sorted({each.label for each in examples} - set(labels)):
        raise ValueError(f"{unknown[0]!r} is no label of the machine")
    truth = np.array([place[each.label] for each in examples], np.int64)
    few = np.flatnonzero(np.bincount(truth[: len(base)], minlength=len(labels)) < 2)
    if few.size:
        raise ValueError(f"the label {labels[few[0]]!r} has fewer than two base pages to learn from")
    return truth


def _near_pairs(corpus: Sequence[Example]) -> list[tuple[int, int]]:
    if not corpus:
        return []
    rows = vectorise([each.page for each in corpus])
    pairs = []
    for first in range(0, len(corpus), _BATCH):
        near = (rows[first : first + _BATCH] @ rows.T).tocoo()
        kept = near.data >= NEAR
        pairs += list(zip((near.row[kept] + first).tolist(), near.col[kept].tolist(), strict=True))
    return pairs


def _root(parent: list[int], place: int) -> int:
    while parent[place] != place:
        parent[place] = parent[parent[place]]
        place = parent[place]
    return place


def _join(parent: list[int], one: int, other: int) -> None:
    low, high = sorted((_root(parent, one), _root(parent, other)))
    parent[high] = low
