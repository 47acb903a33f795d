"""How far judges agree beyond what chance would give: Krippendorff's alpha, for any number of judgements an item.

Sources: K. Krippendorff, "Computing Krippendorff's alpha-reliability" (University of Pennsylvania, 2011); the interval is a
bootstrap over items, as in A. Zapf et al., "Measuring inter-rater reliability for nominal data" (BMC Medical Research
Methodology 16, 2016).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from btm.rules.judgements import Floats, Values, encode
from btm.rules.scoring import check_cost

MOST_CELLS = 1_000_000
"""The most numbers that the bootstrap draws at a time."""


def distance_from_cost(cost: ArrayLike) -> Floats:
    """How far labels are apart, shape (k, k), from what mistaking them costs: the mean of both ways, the farthest at 1.

    cost: shape (k, k), `cost[true][assigned]`. Where no mistake costs anything all distances are 0. Raises ValueError for
    what is no cost matrix.
    """
    given = np.asarray(cost, dtype=float)
    c = check_cost(given, len(given) if given.ndim else 0)
    both = (c + c.T) / 2
    np.fill_diagonal(both, 0.0)
    farthest = float(both.max(initial=0.0))
    return np.asarray(both / farthest) if farthest > 0 else both


def krippendorff_alpha(
    items: Values, labels: Values, distance: ArrayLike | None = None, classes: Values | None = None
) -> float:
    """Krippendorff's alpha of n judgements: 1 for full agreement, 0 for what chance gives, below 0 for less than that.

    items, labels: array-likes of length n; whose judgement it is does not matter. Items judged once say nothing and are
    ignored. distance: shape (k, k), symmetric with 0 on the diagonal, in the order of `classes`: how bad each disagreement
    is (squared differences for the interval metric, `distance_from_cost` for a cost matrix); when None every disagreement is
    as bad. classes: all labels in their order; default: those given, sorted.

    Returns NaN where it cannot be told: no item has two judgements, or these all say the same label (there is then no
    disagreement for chance to give). Raises ValueError as `encode` does, and for what is no distance matrix.
    """
    counts, apart = _counted(items, labels, distance, classes)
    return float(_alphas(np.ones((1, len(counts))), counts, apart)[0])


def alpha_interval(
    items: Values,
    labels: Values,
    distance: ArrayLike | None = None,
    classes: Values | None = None,
    *,
    rng: np.random.Generator,
    level: float = 0.95,
    draws: int = 1000,
) -> tuple[float, float]:
    """An interval around `krippendorff_alpha`, by drawing as many items again with replacement, `draws` times.

    rng: where the randomness comes from. Draws in which alpha cannot be told are left out; (NaN, NaN) where it cannot be
    told of the judgements themselves. Raises ValueError as `krippendorff_alpha` does.
    """
    if not 0 < level < 1 or draws < 2:
        raise ValueError("level must be between 0 and 1, and draws at least 2")
    counts, apart = _counted(items, labels, distance, classes)
    if math.isnan(_alphas(np.ones((1, len(counts))), counts, apart)[0]):
        return math.nan, math.nan
    patterns, times = np.unique(counts, axis=0, return_counts=True)  # items judged alike are interchangeable
    at_once = max(1, MOST_CELLS // len(patterns))
    found = []
    for start in range(0, draws, at_once):
        drawn = rng.multinomial(len(counts), times / len(counts), size=min(at_once, draws - start))
        found.append(_alphas(drawn.astype(float), patterns, apart))
    alphas = np.concatenate(found)
    told = alphas[~np.isnan(alphas)]
    if not len(told):
        return math.nan, math.nan
    low, high = np.quantile(told, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def _counted(
    items: Values, labels: Values, distance: ArrayLike | None, classes: Values | None
) -> tuple[Floats, Floats]:
    """How often each label was given to each item that was judged more than once, shape (n, k), and the distances."""
    if len(items) == 0 and len(labels) == 0:
        k = 1 if distance is None else len(np.asarray(distance))
        return np.zeros((0, k)), _distances(distance, k)
    known = encode(items, items, labels, None, classes)
    k = len(known.classes)
    table = np.bincount(known.item * k + known.label, minlength=len(known.items) * k)
    counts = table.reshape(-1, k).astype(float)
    return counts[counts.sum(axis=1) > 1], _distances(distance, k)


def _distances(distance: ArrayLike | None, k: int) -> Floats:
    if distance is None:
        return 1.0 - np.eye(k)
    apart = np.asarray(distance, dtype=float)
    if apart.shape != (k, k):
        raise ValueError(f"the distances have shape {apart.shape}; ({k}, {k}) is needed")
    if not np.isfinite(apart).all() or (apart < 0).any():
        raise ValueError("distances must be numbers from 0 up")
    if np.diag(apart).any() or not np.allclose(apart, apart.T):
        raise ValueError("distances must be 0 on the diagonal and the same both ways")
    return apart


def _alphas(weights: Floats, counts: Floats, apart: Floats) -> Floats:
    """Alpha for each way of weighting the items, shape (n_ways,). weights: shape (n_ways, n), counts: shape (n, k)."""
    sizes = counts.sum(axis=1)
    disagreement = ((counts @ apart) * counts).sum(axis=1) / (sizes - 1)
    n = weights @ sizes
    totals = weights @ counts
    chance = ((totals @ apart) * totals).sum(axis=1)
    told = chance > 0
    alphas = np.full(len(weights), math.nan)
    alphas[told] = 1 - (n[told] - 1) * (weights @ disagreement)[told] / chance[told]
    return alphas
