"""Pairs of judges who agree more often than what they are worth explains: copies, or one person with two accounts.

Judges who are both good agree because both are right; what counts is agreement beyond that. Whoever copies also drags the
posterior towards what they copied, so each pair is measured by what the *other* judges say of their items.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from btm.rules.em import TINY
from btm.rules.judgements import Codes, Floats, Judgements, Values, encode

MOST_MEETINGS = 250_000
"""How many meetings (two judgements of one item) are looked at a time: bounds the memory."""
COPIED = (0.25, 0.5, 0.75)
"""The shares of copied labels that are considered."""


@dataclass(frozen=True, slots=True)
class PairEvidence:
    """Two judges, a before b in order, with `together` items that both judged.

    agreed: on how many of these they gave the same label. expected: on how many two independent judges with their matrices
    would. z: by how many standard deviations it is more. probability: of so much evidence of copying among independent judges
    (an upper bound), corrected for the number of pairs (Holm): below .01, fewer than one challenge in a hundred would show
    even one such pair by accident.
    """

    a: Any
    b: Any
    together: int
    agreed: int
    expected: float
    z: float
    probability: float


def pair_evidence(
    workers: Values,
    items: Values,
    labels: Values,
    posteriors: ArrayLike,
    confusion: ArrayLike,
    *,
    least_together: int = 10,
    classes: Values | None = None,
) -> list[PairEvidence]:
    """Every pair of judges with at least `least_together` items in common, the most suspicious first.

    workers, items, labels: n judgements, as for `DawidSkene().fit`; of one person's several judgements of one item the first
    counts. posteriors: shape (n_items, k), and confusion: shape (n_workers, k, k), as that model leaves them, in the order of
    the sorted items, judges and classes. Time grows with the number of meetings (two judgements of one item).

    Two independent judges give the labels l and m with probability `sum_t post[t] * A[t, l] * B[t, m]`, where `post` is without
    their own two judgements. Against that stands a copy: with the share c of the items one has the other's label, else their
    own; c is .25, .5 or .75, evenly. The ratio of the two likelihoods is 1 in the mean where judges are independent, so it
    exceeds x with a probability of at most 1 / x (A. Markov; V. Vovk and R. Wang, "E-values: calibration, combination and
    applications", Annals of Statistics 49, 2021). An agreement on what the others call wrong weighs most.

    It cannot tell a copy from two who share a misreading that nobody else has: a reason to look, not a proof. Raises
    ValueError as `encode` does, and on wrong shapes.
    """
    known = encode(workers, items, labels, None, classes)
    post, matrices = _checked(known, posteriors, confusion)
    pair, sums = _meetings(known, post, matrices)
    enough = sums[0] >= least_together
    together, agreed, expected, variance, *log_ratios = sums[:, enough]
    z = (agreed - expected) / np.sqrt(np.maximum(variance, TINY))
    bounds = np.exp(-np.logaddexp.reduce(log_ratios, axis=0)) * len(COPIED)
    names = known.workers.tolist()
    order = np.lexsort((-z, bounds))
    first, second = np.divmod(pair[enough][order], len(names))
    columns = (column[order].tolist() for column in (together, agreed, expected, z))
    return [
        PairEvidence(names[a], names[b], int(n), int(same), mean, score, probability)
        for a, b, n, same, mean, score, probability in zip(
            first.tolist(), second.tolist(), *columns, _holm(bounds[order]).tolist(), strict=True
        )
    ]


def _checked(known: Judgements, posteriors: ArrayLike, confusion: ArrayLike) -> tuple[Floats, Floats]:
    k = len(known.classes)
    post, matrices = np.asarray(posteriors, dtype=float), np.asarray(confusion, dtype=float)
    for name, array, shape in (
        ("posteriors", post, (len(known.items), k)),
        ("confusion", matrices, (len(known.workers), k, k)),
    ):
        if array.shape != shape:
            raise ValueError(f"{name} has shape {array.shape}; {shape} is needed")
        if not np.isfinite(array).all() or (array < 0).any():
            raise ValueError(f"{name} must hold numbers from 0 to 1")
    return post, matrices


def _meetings(known: Judgements, posteriors: Floats, confusion: Floats) -> tuple[Codes, Floats]:
    """The pairs that met, as first judge * n_workers + second judge, sorted, shape (n_pairs,), and sums over their meetings,
    shape (7, n_pairs): how many, agreements, their expected number and variance, and the log-likelihood ratio for each of
    `COPIED`."""
    n_workers = len(known.workers)
    _, first = np.unique(known.item * n_workers + known.worker, return_index=True)
    item, worker, label = known.item[first], known.worker[first], known.label[first]
    log_post = np.log(np.maximum(posteriors, np.finfo(float).tiny))[item]
    said = np.maximum(confusion, TINY)[worker, :, label]
    heard = np.log(said)
    heard[posteriors.max(axis=1)[item] == 1.0] = 0.0  # gold: what judges say of it changes nothing
    parts = [(np.empty(0, dtype=np.intp), np.empty((4 + len(COPIED), 0)))]
    for one, two in _places(item):
        scores = log_post[one] - heard[one] - heard[two]
        post = np.exp(scores - scores.max(axis=1, keepdims=True))
        post /= post.sum(axis=1, keepdims=True)
        pair, place = np.unique(worker[one] * n_workers + worker[two], return_inverse=True)
        a, b = np.divmod(pair, n_workers)
        together = np.einsum("ptl,ptl->pt", confusion[a], confusion[b])
        alike = (post * together[place]).sum(axis=1).clip(0.0, 1.0)
        same = (label[one] == label[two]).astype(float)
        apart = (post * said[one] * said[two]).sum(axis=1)
        copied = same * (post * (said[one] + said[two])).sum(axis=1) / (2 * apart)
        ratios = [np.log(share * copied + 1 - share) for share in COPIED]
        rows = np.stack((np.ones(len(one)), same, alike, alike * (1 - alike), *ratios))
        parts.append((pair, _summed(place, rows, len(pair))))
    distinct, place = np.unique(np.concatenate([p for p, _ in parts]), return_inverse=True)
    return distinct, _summed(place, np.hstack([s for _, s in parts]), len(distinct))


def _places(item: Codes) -> Iterator[tuple[Codes, Codes]]:
    """All pairs of places of equal `item` (sorted), the earlier first, in blocks of about `MOST_MEETINGS`."""
    later = np.searchsorted(item, item, side="right") - np.arange(len(item)) - 1
    through = np.cumsum(later)
    start = 0
    while start < len(item):
        before = through[start - 1] if start else 0
        stop = max(start + 1, int(np.searchsorted(through, before + MOST_MEETINGS, side="right")))
        counts = later[start:stop]
        one = np.repeat(np.arange(start, stop), counts)
        yield one, one + 1 + np.arange(len(one)) - np.repeat(np.cumsum(counts) - counts, counts)
        start = stop


def _summed(place: Codes, rows: Floats, n_groups: int) -> Floats:
    """The sums of each row over the groups that `place` names. rows: shape (m, n). Returns shape (m, n_groups)."""
    return np.array([np.bincount(place, row, n_groups) for row in rows])


def _holm(bounds: Floats) -> Floats:
    """S. Holm, "A simple sequentially rejective multiple test procedure" (1979): holds however the pairs hang together.
    bounds: from the least up."""
    return np.asarray(np.maximum.accumulate(bounds * np.arange(len(bounds), 0, -1)).clip(max=1.0))
