"""What an error is worth: how wrong the machine was, and how new the mistake is.

Sources: Attenberg, Ipeirotis and Provost, "Beat the Machine" (ACM JDIQ 2015), for a reward that grows with the
machine's misplaced certainty; design section 3 for the formulas.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

SUM_TOLERANCE = 1e-3


def severity(probabilities: Sequence[float] | ArrayLike, truth: int, cost: ArrayLike) -> float:
    """How wrong the machine is about a page whose true label is `truth`: its expected cost over the worst there is.

    `s = sum_j p[j] * cost[truth][j] / max(cost)`. For two labels it is the probability given to the wrong one.

    probabilities: shape (k,), the machine's, summing to 1. truth: index of the true label. cost: shape (k, k),
    `cost[true][assigned]`, not negative. Returns a float in [0, 1]; 0 where no mistake costs anything.
    Raises ValueError on a wrong shape, an index out of range, a negative or non-finite value, or a wrong sum.
    """
    p = check_probabilities(probabilities)
    c = check_cost(cost, len(p))
    if not 0 <= truth < len(p):
        raise ValueError(f"truth is {truth}, but there are {len(p)} labels")
    worst = float(c.max())
    if worst == 0:
        return 0.0
    return float(np.clip(p @ c[truth] / worst, 0.0, 1.0))


def bonus(
    severity: float,
    novelty: float,
    *,
    max_bonus: int = 1000,
    sharpness: float = 2.0,
    prevalence_weight: float = 1.0,
) -> int:
    """Points for an error: `round(max_bonus * severity**sharpness * novelty * prevalence_weight)`, at most `max_bonus`.

    severity and novelty lie in [0, 1]; prevalence_weight is not negative. sharpness 2 pays a quarter for a machine
    that was undecided; 1 reproduces the 2011 deployment. Raises ValueError outside these ranges.
    """
    for name, value in (("severity", severity), ("novelty", novelty)):
        if not 0 <= value <= 1:
            raise ValueError(f"{name} is {value}, not in [0, 1]")
    if not (math.isfinite(prevalence_weight) and prevalence_weight >= 0):
        raise ValueError(f"prevalence_weight is {prevalence_weight}, not a number from 0 up")
    if not (math.isfinite(sharpness) and sharpness > 0):
        raise ValueError(f"sharpness is {sharpness}, not a number above 0")
    if max_bonus < 0:
        raise ValueError(f"max_bonus is {max_bonus}, below 0")
    points = round(max_bonus * severity**sharpness * novelty * prevalence_weight)
    return int(min(points, max_bonus))


def novelty(foreseeable: float, floor: float = 0.2) -> float:
    """How unforeseeable an error was: `1 - (1 - floor) * q`, in [floor, 1].

    foreseeable: q, the probability that the page is an error for a reason already found. Raises ValueError outside [0, 1].
    """
    for name, value in (("foreseeable", foreseeable), ("floor", floor)):
        if not 0 <= value <= 1:
            raise ValueError(f"{name} is {value}, not in [0, 1]")
    return 1.0 - (1.0 - floor) * foreseeable


def ordinal_cost(anchors: Sequence[float]) -> np.ndarray:
    """The cost matrix of labels on a scale: `cost[i][j] = |anchors[i] - anchors[j]|`, shape (k, k)."""
    a = np.asarray(anchors, dtype=float)
    return np.asarray(np.abs(a[:, None] - a[None, :]))


def check_probabilities(probabilities: Sequence[float] | ArrayLike) -> np.ndarray:
    """The probabilities as an array of shape (k,), or ValueError: they must be finite, in [0, 1], and sum to 1."""
    p = np.asarray(probabilities, dtype=float)
    if p.ndim != 1 or p.size < 2:
        raise ValueError(f"probabilities have shape {p.shape}; a flat list of two or more is needed")
    if not np.isfinite(p).all() or (p < -1e-9).any() or (p > 1 + 1e-9).any():
        raise ValueError("probabilities must be numbers from 0 to 1")
    if abs(float(p.sum()) - 1.0) > SUM_TOLERANCE:
        raise ValueError(f"probabilities sum to {float(p.sum()):.4f}, not 1")
    return p


def check_cost(cost: ArrayLike, n_labels: int) -> np.ndarray:
    """The cost matrix as an array of shape (n_labels, n_labels), or ValueError: square, finite, not negative."""
    c = np.asarray(cost, dtype=float)
    if c.shape != (n_labels, n_labels):
        raise ValueError(f"the cost matrix has shape {c.shape}; ({n_labels}, {n_labels}) is needed")
    if not np.isfinite(c).all() or (c < 0).any():
        raise ValueError("costs must be numbers from 0 up")
    return c
