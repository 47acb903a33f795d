"""Stratified random inspection of a machine's own output: whom to look at, and what it says of the whole pool.

The pool is cut into k bins of equal width by expected cost and as many pages are drawn from each, as in Attenberg, Ipeirotis
and Provost (2015), "Beat the Machine". Each bin's share of errors then stands for the bin, weighted by its part of the pool.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

Z95 = 1.959963984540054
"""The standard normal's 97.5% point."""


class Bins(NamedTuple):
    """`indices`, shape (n,): the bin of each page, from 0. `edges`, shape (k + 1,): bin i is from edges[i] to edges[i + 1]."""

    indices: NDArray[np.int64]
    edges: NDArray[np.float64]


class Share(NamedTuple):
    """A share from 0 to 1 with its 95% interval. All three are None where nothing was looked at."""

    value: float | None
    low: float | None
    high: float | None


NOTHING = Share(None, None, None)


def expected_costs(probabilities: ArrayLike, cost: ArrayLike) -> NDArray[np.float64]:
    """What the machine's own decision about each page is expected to cost, by its own belief: shape (n,), 0 to 1.

    The decision is the likeliest label a; its expected cost is sum_t p[t] * cost[t][a] / max(cost). probabilities: shape (n, k).
    cost: shape (k, k), `cost[true][assigned]`. 0 where no mistake costs anything. Raises ValueError where shapes differ.
    """
    p, c = np.asarray(probabilities, np.float64), np.asarray(cost, np.float64)
    if p.ndim != 2 or c.shape != (p.shape[1], p.shape[1]):
        raise ValueError(f"probabilities of shape {p.shape} do not fit costs of shape {c.shape}")
    worst = float(c.max(initial=0.0))
    if not worst:
        return np.zeros(len(p))
    return np.asarray((p @ c)[np.arange(len(p)), p.argmax(axis=1)] / worst)


def bins(costs: ArrayLike, k: int) -> Bins:
    """Cut pages into k bins of equal width by expected cost, shape (n,), from the lowest to the highest cost that there is.

    Where all cost the same, all are in the first bin. Raises ValueError for no page, k below 1, or a cost that is no number.
    """
    values = np.asarray(costs, np.float64)
    if values.ndim != 1 or not values.size or k < 1:
        raise ValueError(f"{k} bins cannot be made of an array of shape {values.shape}")
    if not np.isfinite(values).all():
        raise ValueError("an expected cost is not a number")
    edges = np.linspace(values.min(), values.max(), k + 1)
    index = np.searchsorted(edges[1:-1], values, side="right")
    return Bins(np.where(edges[0] == edges[-1], 0, index).astype(np.int64), edges)


def allocate(counts: Sequence[int], wanted: int) -> list[int]:
    """How many pages to draw from bins that hold `counts`: equally many from each, wanted / k.

    What a small bin cannot give is shared equally among the others; what does not divide goes to the bins of the highest cost.
    The sum is `wanted`, or the whole pool where that is less. Raises ValueError for a negative number.
    """
    if wanted < 0 or any(count < 0 for count in counts):
        raise ValueError("a number of pages cannot be negative")
    given = [0] * len(counts)
    left = min(wanted, sum(counts))
    while left:
        able = [place for place, count in enumerate(counts) if given[place] < count]
        each = left // len(able)
        if not each:
            able = able[len(able) - left :]
            each = 1
        for place in able:
            more = min(each, counts[place] - given[place])
            given[place] += more
            left -= more
    return given


def draw(index: ArrayLike, allocation: Sequence[int], rng: np.random.Generator) -> list[list[int]]:
    """The places of the pages drawn from each bin, at random without replacement, in rising order.

    `index`, shape (n,): the bin of each page. `allocation`: how many to draw from each bin. Raises ValueError where a bin has fewer.
    """
    bin_of = np.asarray(index, np.int64)
    answer = []
    for each, count in enumerate(allocation):
        places = np.flatnonzero(bin_of == each)
        if count > places.size:
            raise ValueError(f"bin {each} holds {places.size} pages, not {count}")
        answer.append(sorted(rng.choice(places, count, replace=False).tolist()) if count else [])
    return answer


def wilson(hits: float, total: float) -> Share:
    """A share of a simple random sample with Wilson's score interval (1927). `total` may be an effective number of pages."""
    if total <= 0:
        return NOTHING
    value = min(max(hits / total, 0.0), 1.0)
    spread = Z95 * sqrt(value * (1 - value) / total + Z95**2 / (4 * total**2))
    middle, scale = value + Z95**2 / (2 * total), 1 + Z95**2 / total
    return Share(
        value,
        min(value, max(0.0, (middle - spread) / scale)),
        max(value, min(1.0, (middle + spread) / scale)),
    )


def stratified_share(
    pool_counts: Sequence[int], judged_counts: Sequence[int], hits: Sequence[float]
) -> Share:
    """The share of hits in the whole pool, from bins of which `judged_counts` pages each were looked at.

    value = sum_i w_i p_i with w_i = pool_i / pool and p_i = hits_i / judged_i, whose variance is
    sum_i w_i^2 (1 - judged_i / pool_i) p_i (1 - p_i) / judged_i (Cochran 1977, 5.3). The interval takes each bin's part of it from
    that bin's Wilson interval, for the lower and the upper bound apart (Zou and Donner 2008; Yan and Su 2010):
    low = value - sqrt(sum_i w_i^2 (p_i - low_i)^2), high likewise. So it holds where few or no hits were seen in a bin, where
    the plain variance would say that there are none.

    A bin of which nothing was judged yet counts with the share of the others, and could be anything from 0 to 1. Raises ValueError
    where lengths differ, or a bin has more judged pages than pages, or more hits than judged pages.
    """
    if not len(pool_counts) == len(judged_counts) == len(hits):
        raise ValueError("each bin has a pool, a number of judged pages and a number of hits")
    strata = list(zip(pool_counts, judged_counts, hits, strict=True))
    if any(not 0 <= found <= judged <= pool for pool, judged, found in strata):
        raise ValueError("a bin has more hits than judged pages, or more of these than pages")
    looked_at = sum(pool for pool, judged, _ in strata if judged)
    if not looked_at:
        return NOTHING
    value = min(1.0, sum(pool * found / judged for pool, judged, found in strata if judged) / looked_at)
    whole, below, above = sum(pool_counts), 0.0, 0.0
    for pool, judged, found in strata:
        share, low, high = _bin_share(pool, judged, found) if judged else (value, 0.0, 1.0)
        below += (pool / whole * (share - low)) ** 2
        above += (pool / whole * (high - share)) ** 2
    return Share(value, max(0.0, value - sqrt(below)), min(1.0, value + sqrt(above)))


def _bin_share(pool: int, judged: int, found: float) -> tuple[float, float, float]:
    """Wilson's interval of one bin; where much of a small bin was read, little of it is left to chance."""
    if judged == pool:
        return found / judged, found / judged, found / judged
    effective = judged / (1 - judged / pool)
    share, low, high = wilson(found / judged * effective, effective)
    return share or 0.0, low or 0.0, high or 0.0
