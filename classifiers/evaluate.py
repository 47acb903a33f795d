"""How good is a machine? Figures that a modeler trusts, each with its confidence interval.

Everything here takes plain arrays: truths and probabilities. Intervals are percentile bootstraps over pages
(Efron 1979), which is honest only where pages are independent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Truths = NDArray[np.bool_]
Measure = Callable[[Truths, Floats], float]
_EPSILON = 1e-12


@dataclass(frozen=True)
class Figure:
    """A measured value, and the interval that holds it with the confidence asked for."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.4f} [{self.low:.4f}, {self.high:.4f}]"


@dataclass(frozen=True)
class Bin:
    """One bar of a reliability diagram: pages whose probability lay from `low` to `high`."""

    low: float
    high: float
    count: int
    mean_probability: float
    share_true: float


def average_precision(truth: ArrayLike, probability: ArrayLike) -> float:
    """The mean precision over the true pages, ties taken together: sum of (R_i - R_{i-1}) P_i. NaN without any."""
    truths, scores = _pair(truth, probability)
    if not truths.any():
        return float("nan")
    hits, seen = _curve(truths, scores)
    recall = hits / truths.sum()
    return float(np.sum(np.diff(recall, prepend=0.0) * hits / seen))


def auc(truth: ArrayLike, probability: ArrayLike) -> float:
    """The chance that a true page is scored above a false one, ties counting half (Mann and Whitney 1947)."""
    truths, scores = _pair(truth, probability)
    positives = int(truths.sum())
    negatives = len(truths) - positives
    if not positives or not negatives:
        return float("nan")
    values, place = np.unique(scores, return_inverse=True)
    tally = np.bincount(place, minlength=len(values))
    middle_rank = np.cumsum(tally) - (tally - 1) / 2
    return float(
        (middle_rank[place][truths].sum() - positives * (positives + 1) / 2) / (positives * negatives)
    )


def log_loss(truth: ArrayLike, probability: ArrayLike) -> float:
    """Mean negative log likelihood in nats."""
    truths, scores = _pair(truth, probability)
    chance = np.clip(np.where(truths, scores, 1 - scores), _EPSILON, 1)
    return float(-np.log(chance).mean())


def brier(truth: ArrayLike, probability: ArrayLike) -> float:
    """Mean squared difference of probability and truth (Brier 1950)."""
    truths, scores = _pair(truth, probability)
    return float(np.mean((scores - truths) ** 2))


def calibration_error(truth: ArrayLike, probability: ArrayLike, bins: int = 10) -> float:
    """Expected calibration error, equal-width bins (Naeini, Cooper and Hauskrecht 2015)."""
    found = reliability(truth, probability, bins)
    total = sum(each.count for each in found)
    return sum(each.count * abs(each.mean_probability - each.share_true) for each in found) / max(total, 1)


def macro_f1(truth: Sequence[str], predicted: Sequence[str]) -> float:
    """The unweighted mean of every label's F1, over the labels that occur in either."""
    true, told = np.asarray(truth), np.asarray(predicted)
    scores = []
    for label in np.union1d(true, told):
        hits = np.sum((true == label) & (told == label))
        scores.append(2 * hits / (np.sum(true == label) + np.sum(told == label)))
    return float(np.mean(scores))


def reliability(truth: ArrayLike, probability: ArrayLike, bins: int = 10) -> list[Bin]:
    """The bars of a reliability diagram, equal widths, empty ones left out."""
    truths, scores = _pair(truth, probability)
    place = np.minimum((scores * bins).astype(int), bins - 1)
    found = []
    for index in np.unique(place):
        inside = place == index
        found.append(
            Bin(
                low=index / bins,
                high=(index + 1) / bins,
                count=int(inside.sum()),
                mean_probability=float(scores[inside].mean()),
                share_true=float(truths[inside].mean()),
            )
        )
    return found


MEASURES: Mapping[str, Measure] = {
    "average_precision": average_precision,
    "auc": auc,
    "log_loss": log_loss,
    "brier": brier,
    "calibration_error": calibration_error,
}


def figure(
    measure: Measure,
    truth: ArrayLike,
    probability: ArrayLike,
    *,
    resamples: int = 500,
    confidence: float = 0.95,
    seed: int = 0,
) -> Figure:
    """A measure with its bootstrap interval. `truth` and `probability` have shape (n,), n at least 1."""
    truths, scores = _pair(truth, probability)
    random = np.random.default_rng(seed)
    drawn = []
    for _ in range(resamples):
        chosen = random.integers(0, len(truths), len(truths))
        drawn.append(measure(truths[chosen], scores[chosen]))
    kept = np.array([value for value in drawn if np.isfinite(value)])
    value = measure(truths, scores)
    if not kept.size:
        return Figure(value, float("nan"), float("nan"))
    edge = (1 - confidence) / 2
    low, high = np.quantile(kept, [edge, 1 - edge])
    return Figure(value, float(low), float(high))


def report(
    truth: ArrayLike,
    probability: ArrayLike,
    by: Mapping[str, Sequence[Any]] | None = None,
    *,
    resamples: int = 200,
    seed: int = 0,
) -> dict[str, Any]:
    """All measures over all pages, and over every value of each grouping in `by` (say language and source).

    Returns {"all": {"pages": n, "true": t, measure: Figure}, "language": {"en": {...}}}.
    """
    truths, scores = _pair(truth, probability)
    answer: dict[str, Any] = {"all": _measure_all(truths, scores, resamples, seed)}
    for grouping, values in (by or {}).items():
        keys = np.asarray([str(value) for value in values])
        if len(keys) != len(truths):
            raise ValueError(f"the grouping {grouping!r} has {len(keys)} values for {len(truths)} pages")
        answer[grouping] = {
            str(key): _measure_all(truths[keys == key], scores[keys == key], resamples, seed)
            for key in np.unique(keys)
        }
    return answer


def _measure_all(truths: Truths, scores: Floats, resamples: int, seed: int) -> dict[str, Any]:
    figures: dict[str, Any] = {"pages": len(truths), "true": int(truths.sum())}
    for name, measure in MEASURES.items():
        figures[name] = figure(measure, truths, scores, resamples=resamples, seed=seed)
    return figures


def _pair(truth: ArrayLike, probability: ArrayLike) -> tuple[Truths, Floats]:
    truths, scores = np.asarray(truth, np.bool_), np.asarray(probability, np.float64)
    if truths.ndim != 1 or truths.shape != scores.shape:
        raise ValueError(
            f"truth has the shape {truths.shape} and probability {scores.shape}; both must be (n,)"
        )
    if not len(truths):
        raise ValueError("there is nothing to measure: no pages")
    if not np.isfinite(scores).all():
        raise ValueError("a probability is NaN or infinite")
    return truths, scores


def _curve(truths: Truths, scores: Floats) -> tuple[Floats, Floats]:
    """At every distinct score, from the top: true pages so far, and pages so far."""
    order = np.argsort(-scores, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(scores[order])), len(scores) - 1)
    return np.cumsum(truths[order])[ends].astype(np.float64), (ends + 1).astype(np.float64)
