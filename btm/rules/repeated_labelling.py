"""Which page of a pool gains most from one more label: by its labels, by a model, or by both.

The published scores of Sheng, Provost and Ipeirotis, Get Another Label? (KDD 2008), for two labels, and what they come to for more.
They look at the labels alone, whoever gave them: what judges are worth is told elsewhere, and decides the verdict.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from numpy.typing import ArrayLike

from btm.rules.scoring import check_probabilities

LU, MU, LMU = "lu", "mu", "lmu"
RANKINGS = (LU, MU, LMU)
LEAST_WORTH = 0.008
"""The least that an item of the queue is worth (see btm.rules.priority), so that no page starves."""


def label_uncertainty(counts: Sequence[int]) -> float:
    """LU: the chance, in [0, .5], that the commoner of the two leading labels is not truly the commoner.

    counts: how often each label was given, shape (k,), k >= 2. With `a` and `b` for the two commonest, the share of the first among
    them has the posterior Beta(a + 1, b + 1) under a flat prior, and this is its tail below one half. Without labels it is .5; 1:0
    gives .25, 2:0 gives .125, and 3:2 more than 6:0. Raises ValueError for fewer than two labels or negative counts.
    """
    if len(counts) < 2:
        raise ValueError("a choice needs two labels")
    if min(counts) < 0:
        raise ValueError("a label was given less than never")
    first, second = sorted(map(int, counts), reverse=True)[:2]
    return _tail(first + 1, second + 1)


def _tail(a: int, b: int) -> float:
    """The distribution function of Beta(a, b) at one half, for whole a and b: of a + b - 1 fair coins, at least a show heads."""
    coins = a + b - 1
    return float(sum(math.comb(coins, heads) for heads in range(a, coins + 1)) / 2**coins)


def model_uncertainty(probabilities: ArrayLike) -> float:
    """MU: how likely the model holds it that its own answer is wrong, one less the greatest probability; shape (k,). In [0, 1 - 1/k]:
    for two labels this is .5 less the distance of either from .5."""
    return float(max(0.0, 1.0 - check_probabilities(probabilities).max()))


def both(label: float, model: float) -> float:
    """LMU: the geometric mean of the two. Either being sure makes a page wait. Raises ValueError for negative numbers."""
    if label < 0 or model < 0:
        raise ValueError("uncertainty is not below 0")
    return math.sqrt(label * model)


def score(ranking: str, counts: Sequence[int], model: float | None) -> float:
    """By what pages are ordered, the highest first. model: its uncertainty (MU), None without a model, when labels alone count.

    Raises ValueError for a ranking that is none of RANKINGS.
    """
    if ranking not in RANKINGS:
        raise ValueError(f"there is no ranking {ranking!r}")
    label = label_uncertainty(counts)
    if model is None or ranking == LU:
        return label
    return model if ranking == MU else both(label, model)


def worth(score: float) -> float:
    """A score as what one more judgement is worth in the queue, in [LEAST_WORTH, 1]: twice the score, within these bounds."""
    return min(1.0, max(LEAST_WORTH, 2 * score))
