"""How common each cluster of errors is in the traffic that a crawl stands for, and what that makes a new one worth.

A suspect is no error until somebody has looked. Without verdicts the share of suspects is all that there is; with verdicts
on a fair sample of them the share of errors follows, and its interval holds what both the crawl and the sample leave open.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classifiers.scan.summary import Blocks, Summary

LEVEL = 0.95
DRAWS = 20_000
_Z = 1.959963984540054
_FEW_BLOCKS = 20
_SURE = 60  # halvings; far below what a weight is rounded to


@dataclass(frozen=True, slots=True)
class Counts:
    """What a scan counted of one cluster: `suspects` of `pages`. `design` is how many pages of this crawl tell as much as
    one page drawn by itself: 1 where pages that are alike do not stand together, more where they do.
    """

    pages: int
    suspects: int
    design: float = 1.0


@dataclass(frozen=True, slots=True)
class Prevalence:
    """The share of pages that are errors of a cluster, with a 95% interval.

    Where nothing was `checked`, it is the share of suspects, which errors are a part of. `truly` of `checked` were errors.
    """

    cluster: str
    share: float
    low: float
    high: float
    suspects: int
    checked: int = 0
    truly: int = 0

    @property
    def per_million(self) -> float:
        """The share, of a million pages."""
        return self.share * 1e6

    @property
    def verified(self) -> bool:
        """Whether verdicts stand behind it."""
        return self.checked > 0


def counts_of(summary: Summary) -> dict[str, Counts]:
    """The counts of each cluster that a scan met, or knows of."""
    plan = summary.plan
    known = {name for name, wrong in zip(plan.known.clusters, plan.known.is_error, strict=True) if wrong}
    return {
        name: Counts(
            summary.pages,
            summary.clusters[name],
            _design(summary.blocks, summary.pages, summary.clusters, name),
        )
        for name in sorted(known | set(summary.clusters))
    }


def _design(blocks: Blocks, pages: int, clusters: Mapping[str, int], name: str) -> float:
    """The design effect (Kish 1965): the variance of the share between blocks, over what single pages would have.

    The variance is that of a ratio (Cochran 1977, 6.4): k / (k - 1) * sum((m - p n)^2) / N^2 over k blocks. It is taken for
    1 below 20 blocks, from which it cannot be told, and never for less.
    """
    suspects = clusters.get(name, 0)
    if blocks.count < _FEW_BLOCKS or not 0 < suspects < pages:
        return 1.0
    share = suspects / pages
    spread = blocks.own[name] - 2 * share * blocks.cross[name] + share * share * blocks.squares
    between = blocks.count / (blocks.count - 1) * spread / pages**2
    return float(max(1.0, between / (share * (1 - share) / pages)))


def wilson(successes: float, trials: float) -> tuple[float, float]:
    """The 95% score interval of a share (Wilson 1927); (0, 1) of no trials."""
    if trials <= 0:
        return 0.0, 1.0
    share = successes / trials
    middle = (share + _Z**2 / (2 * trials)) / (1 + _Z**2 / trials)
    half = _Z / (1 + _Z**2 / trials) * math.sqrt(share * (1 - share) / trials + _Z**2 / (4 * trials**2))
    low = 0.0 if successes <= 0 else max(0.0, middle - half)
    return low, 1.0 if successes >= trials else min(1.0, middle + half)


def estimate(
    counts: Mapping[str, Counts],
    verified: Mapping[str, tuple[int, int]],
    rng: np.random.Generator,
    found: Mapping[str, tuple[int, int]] | None = None,
) -> list[Prevalence]:
    """The prevalence of each cluster, most common first.

    `verified`, cluster -> (checked, truly): verdicts on the scan's sample of its suspects, in whatever order it was checked;
    those on the best-ranked suspects do not belong here. `found`, cluster -> (known, found): how many of so many errors that
    were known from elsewhere the model calls suspects; without it errors that look like nothing known are not counted, and
    the estimate is of what can be foreseen. Raises ValueError where more is checked than there is.

    The correction is that of Rogan and Gladen (1978) where it needs no specificity, because precision is measured on this
    very crawl: prevalence = share of suspects * precision / sensitivity. The interval is by drawing each from its Jeffreys
    posterior (Brown, Cai and DasGupta 2001): precision, then the errors among suspects not checked, then the share.
    """
    answer = [
        _one(cluster, each, verified.get(cluster, (0, 0)), (found or {}).get(cluster), rng)
        for cluster, each in sorted(counts.items())
    ]
    return sorted(answer, key=lambda each: (-each.share, each.cluster))


def _one(
    cluster: str,
    counts: Counts,
    verdicts: tuple[int, int],
    found: tuple[int, int] | None,
    rng: np.random.Generator,
) -> Prevalence:
    checked, truly = verdicts
    if not 0 <= truly <= checked <= counts.suspects <= counts.pages:
        raise ValueError(
            f"of cluster {cluster!r}, {truly} of {checked} checked cannot be errors among {counts.suspects} suspects"
        )
    raw = counts.suspects / counts.pages if counts.pages else 0.0
    if not checked:
        low, high = wilson(counts.suspects / counts.design, counts.pages / counts.design)
        return Prevalence(cluster, raw, low, high, counts.suspects)
    draws = _draws(counts, checked, truly, rng)
    errors = truly + (counts.suspects - checked) * (truly + 0.5) / (checked + 1)
    share = errors / counts.pages
    if found is not None:
        known, hits = found
        draws = np.minimum(1.0, draws / rng.beta(hits + 0.5, known - hits + 0.5, DRAWS))
        share = min(1.0, share * (known + 1) / (hits + 0.5))
    low, high = np.quantile(draws, ((1 - LEVEL) / 2, (1 + LEVEL) / 2))
    return Prevalence(
        cluster, share, float(low) if truly else 0.0, float(high), counts.suspects, checked, truly
    )


def _draws(counts: Counts, checked: int, truly: int, rng: np.random.Generator) -> NDArray[np.float64]:
    precision = rng.beta(truly + 0.5, checked - truly + 0.5, DRAWS)
    among = truly + rng.binomial(counts.suspects - checked, precision)
    errors, pages = among / counts.design, counts.pages / counts.design
    return np.asarray(rng.beta(errors + 0.5, pages - errors + 0.5))


def prevalence_weights(
    estimates: Iterable[Prevalence], *, floor: float = 0.5, ceiling: float = 2.0, sharpness: float = 0.5
) -> dict[str, float]:
    """What to multiply a quote with, by cluster: above 1 for what is surely commoner than usual, below 1 for what is rarer.

    The weight of an interval [low, high] is (nearest(low, high, to typical) / typical) ** sharpness, within [floor, ceiling],
    so that a cluster of which little is known stays at 1, and one that is surely four times as common pays twice. `typical`
    is the share for which the weights' mean comes nearest to 1, so that the whole pays about the same as without. A cluster
    that is not among the estimates has weight 1. Raises ValueError unless floor <= 1 <= ceiling and both are positive.
    """
    if not 0 < floor <= 1 <= ceiling:
        raise ValueError(f"the weights' bounds are {floor:g} and {ceiling:g}; 1 must lie between them")
    ranges = {each.cluster: (each.low, max(each.high, 1e-12)) for each in estimates}
    if not ranges:
        return {}

    def weights(typical: float) -> dict[str, float]:
        return {
            name: min(ceiling, max(floor, (min(max(typical, low), high) / typical) ** sharpness))
            for name, (low, high) in ranges.items()
        }

    below, above = 1e-15, 1.0
    for _ in range(_SURE):
        middle = math.sqrt(below * above)  # shares span many powers of ten
        mean = sum(weights(middle).values()) / len(ranges)
        below, above = (middle, above) if mean > 1 else (below, middle)
    return {name: round(weight, 4) for name, weight in weights(above).items()}
