"""What a judge is worth, whatever their biases: how much their labels tell, against labels that tell nothing.

Sources: P. Ipeirotis, F. Provost and J. Wang, "Quality management on Amazon Mechanical Turk" (HCOMP 2010), for soft labels and
their cost; J. Wang, P. Ipeirotis and F. Provost, "Cost-effective quality assurance in crowd labeling" (Information Systems
Research 28, 2017), for pay by the number of judges needed; design section 3.
"""

from __future__ import annotations

import math
from functools import lru_cache
from itertools import combinations
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from btm.rules.judgements import Floats
from btm.rules.scoring import SUM_TOLERANCE, check_cost, check_probabilities

Kind: TypeAlias = Literal["expected", "minimised"]
MOST_PANELS = 100_000
"""The most combinations of answers that `judges_needed` looks at for one size of panel."""


def quality(confusion: ArrayLike, priors: ArrayLike, cost: ArrayLike, kind: Kind = "expected") -> float:
    """`1 - cost(judge) / cost(spammer)`: 1 for labels from which the truth is certain, 0 for labels that say nothing.

    A judge who is biased but consistent scores high; one who always says the commonest label scores 0. confusion: shape
    (k, k), rows true, columns given, rows summing to 1. priors: shape (k,). cost: shape (k, k), `cost[true][assigned]`, any
    numbers from 0. kind: how an uncertain soft label is costed: "expected", `sum_ij soft[i] soft[j] cost[i][j]`, or
    "minimised", `min_j sum_i soft[i] cost[i][j]`. Where even a spammer costs nothing there is nothing to tell: 0.
    Raises ValueError on wrong shapes, sums, or kind.
    """
    return float(qualities(np.asarray(confusion, dtype=float)[None], priors, cost, kind)[0])


def qualities(confusions: ArrayLike, priors: ArrayLike, cost: ArrayLike, kind: Kind = "expected") -> Floats:
    """`quality` of many judges at once. confusions: shape (n_judges, k, k). Returns shape (n_judges,)."""
    p, c = _checked(priors, cost, kind)
    matrices = np.asarray(confusions, dtype=float)
    if matrices.ndim != 3 or matrices.shape[1:] != c.shape:
        raise ValueError(f"a confusion matrix has shape {matrices.shape[1:]}; {c.shape} is needed")
    if not np.isfinite(matrices).all() or (matrices < 0).any():
        raise ValueError("a confusion matrix must hold numbers from 0 to 1")
    if (np.abs(matrices.sum(axis=2) - 1) > SUM_TOLERANCE).any():
        raise ValueError("each row of a confusion matrix must sum to 1")
    return _quality(matrices.transpose(0, 2, 1) * p, p, c, kind)


def quality_interval(
    counts: ArrayLike,
    priors: ArrayLike,
    cost: ArrayLike,
    *,
    rng: np.random.Generator,
    kind: Kind = "expected",
    level: float = 0.95,
    draws: int = 1000,
) -> tuple[float, float]:
    """An interval that holds the quality with probability `level`, given what was seen of the judge.

    counts: shape (k, k), the Dirichlet parameters of each row of the confusion matrix: expected counts plus prior, all above
    0. rng: where the randomness comes from; the same state gives the same interval. Raises ValueError as `quality` does.
    """
    p, c = _checked(priors, cost, kind)
    shape = np.asarray(counts, dtype=float)
    if shape.shape != c.shape or not np.isfinite(shape).all() or (shape <= 0).any():
        raise ValueError(f"counts must be numbers above 0 in shape {c.shape}")
    if not 0 < level < 1 or draws < 2:
        raise ValueError("level must be between 0 and 1, and draws at least 2")
    gammas = rng.gamma(shape, size=(draws, *shape.shape)).clip(1e-300)
    matrices = gammas / gammas.sum(axis=2, keepdims=True)
    scores = _quality(matrices.transpose(0, 2, 1) * p, p, c, kind)
    low, high = np.quantile(scores, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def judges_needed(
    confusion: ArrayLike,
    priors: ArrayLike,
    cost: ArrayLike,
    specification: float,
    kind: Kind = "expected",
    most: int = 25,
) -> int | None:
    """How many independent judges like this one tell, together, as much as the quality asked for; None when `most` do not.

    Exact: sums over every combination of answers that a panel can give, in which the order does not matter. It stops early
    (None) where there would be more than 100,000 of them. specification: in (0, 1]. Raises ValueError as `quality` does.
    """
    if not 0 < specification <= 1:
        raise ValueError(f"specification is {specification}, not above 0 and at most 1")
    if quality(confusion, priors, cost, kind) <= 1e-9:
        return None
    p, c = _checked(priors, cost, kind)
    matrix = np.asarray(confusion, dtype=float)
    for size in range(1, most + 1):
        if math.comb(size + len(p) - 1, len(p) - 1) > MOST_PANELS:
            return None
        if float(_quality(_panel(matrix, size) * p, p, c, kind)) >= specification - 1e-12:
            return size
    return None


def pay_factor(needed: int | None) -> float:
    """The share of the full price for a judge of whom `needed` are as good as the specification: `1 / needed`; 0 for None."""
    return 0.0 if needed is None else 1.0 / needed


def _checked(priors: ArrayLike, cost: ArrayLike, kind: str) -> tuple[Floats, Floats]:
    if kind not in ("expected", "minimised"):
        raise ValueError(f"kind is {kind!r}; it is 'expected' or 'minimised'")
    p = check_probabilities(priors)
    return np.asarray(p / p.sum()), check_cost(cost, len(p))


def _quality(joint: Floats, priors: Floats, cost: Floats, kind: Kind) -> Floats:
    """joint: probability of an answer with a truth, shape (..., n_answers, k). Returns shape (...)."""
    spammer = _cost(priors, cost, kind)
    if spammer <= 0:
        return np.zeros(joint.shape[:-2])
    chance = joint.sum(axis=-1)
    soft = joint / np.maximum(chance, 1e-300)[..., None]
    return np.asarray(1 - (chance * _cost(soft, cost, kind)).sum(axis=-1) / spammer)


def _cost(soft: Floats, cost: Floats, kind: Kind) -> Floats:
    """The cost of soft labels, shape (..., k), as shape (...)."""
    deciding = soft @ cost
    return np.asarray((deciding * soft).sum(axis=-1) if kind == "expected" else deciding.min(axis=-1))


def _panel(confusion: Floats, size: int) -> Floats:
    """Probability of each combination of `size` answers under each truth, shape (n_combinations, k)."""
    answers, ways = _combinations(len(confusion), size)
    return np.asarray(np.exp(ways[:, None] + answers @ np.log(confusion.clip(1e-300)).T))


@lru_cache(maxsize=64)
def _combinations(k: int, size: int) -> tuple[Floats, Floats]:
    """How often each label is given in each combination of `size` answers, shape (n, k), and the logarithm of how many orders
    of answers make it, shape (n,)."""
    bars = np.array(list(combinations(range(size + k - 1), k - 1)), dtype=int).reshape(-1, k - 1)
    ends = np.full((len(bars), 1), -1), np.full((len(bars), 1), size + k - 1)
    edges = np.hstack((ends[0], bars, ends[1]))
    answers = np.diff(edges, axis=1) - 1
    factorials = np.array([math.lgamma(n + 1) for n in range(size + 1)])
    return answers.astype(float), factorials[size] - factorials[answers].sum(axis=1)
