"""How much the corpus may weigh, and what the scores mean: both chosen on pages and clusters that were held out.

The base data are traffic as it comes, save for what nobody knew of: so the probabilities are fitted to them, and to
clusters that were held out whole at a share that is as large as keeps them true of the base data.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from classifiers.evaluate import average_precision, calibration_error

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
SHARES = (0.0, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 1.75, 2.0, 2.5, 3.0, 3.5, 4.0, 5.0, 6.0)
"""Weights at which held-out finds may count in the calibration."""


@dataclass(frozen=True)
class HeldOut:
    """Truths of all training pages, who they are, and what they count: all of shape (n,)."""

    truth: Integers
    is_base: NDArray[np.bool_]
    is_find: NDArray[np.bool_]
    weight: Floats
    classes: int


@dataclass(frozen=True)
class Tried:
    """One total weight of the corpus, measured on what was held out.

    `natural`: mean average precision on base pages, over the labels but the commonest. `severity`: the mean probability
    that finds of held-out clusters give to wrong labels. `calibration_error`, and `wrong`, the share of wrong labels: on base
    pages.
    """

    total: float
    natural: float
    severity: float
    calibration_error: float
    wrong: float


def choose_total(tried: Sequence[Tried], natural_margin: float) -> float:
    """The total weight under which held-out clusters are believed least, of those that keep the natural pages.

    `tried`: the first of total 0, against which the others are held. Where none keeps the natural pages within the margin,
    the one that loses least.
    """
    candidates = [each for each in tried if each.total > 0] or list(tried)
    kept = [each for each in candidates if keeps_natural(each, tried[0], natural_margin)]
    if kept:
        return min(kept, key=lambda each: each.severity).total
    return max(candidates, key=lambda each: each.natural).total


def keeps_natural(each: Tried, without: Tried, margin: float) -> bool:
    """Whether base pages are ranked and labelled as well as without the corpus, but for the margin."""
    return each.natural >= without.natural - margin and each.wrong <= without.wrong + margin


def calibrate(
    scores: Floats, held: HeldOut, limit: float, most_wrong: float, shares: Sequence[float] = SHARES
) -> tuple[Floats, float]:
    """The matrix of `LinearMachine.calibration`, and the share at which held-out finds counted in it.

    The largest share at which, on base pages, the expected calibration error is at most `limit` and at most `most_wrong` of
    them get a wrong label; 0 where none is. So caution about what nobody knows is paid for by no more than was allowed.
    """
    best, chosen = fit_calibration(scores, held, 0.0), 0.0
    for share in shares:
        found = fit_calibration(scores, held, share)
        chance = probabilities(scores, found)
        if share and (_error_of(chance, held) > limit or _wrong(chance, held) > most_wrong):
            break
        best, chosen = found, share
    return best, chosen


def fit_calibration(scores: Floats, held: HeldOut, share: float) -> Floats:
    """Multinomial logistic regression on held-out scores, for two labels Platt's sigmoid (Platt 1999)."""
    weight = held.weight * (held.is_base + share * held.is_find)
    used = weight > 0
    model = LogisticRegression(C=1e3, max_iter=1000).fit(scores[used], held.truth[used], weight[used])
    if held.classes == 2:
        return np.array([[0.0, model.coef_[0, 0]], [0.0, model.intercept_[0]]])
    return np.asarray(np.vstack((model.coef_.T, model.intercept_)))


def probabilities(scores: Floats, calibration: Floats) -> Floats:
    """Scores (n, m) to probabilities (n, k)."""
    logits = scores @ calibration[:-1] + calibration[-1]
    odds = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(odds / odds.sum(axis=1, keepdims=True))


def sought(truth: Integers, classes: int) -> list[int]:
    """The labels but the commonest: those for which ranking is hard."""
    sizes = np.bincount(truth, minlength=classes)
    return [label for label in range(classes) if label != int(sizes.argmax())]


def measure(total: float, scores: Floats, held: HeldOut) -> Tried:
    """What a total weight does to the held-out scores, shape (n, m)."""
    chance = probabilities(scores, fit_calibration(scores, held, 0.0))
    base, find = held.is_base, held.is_find
    ranked = [
        average_precision(held.truth[base] == label, chance[base, label])
        for label in sought(held.truth[base], held.classes)
    ]
    wrong = 1.0 - chance[np.flatnonzero(find), held.truth[find]]
    severity = float(np.average(wrong, weights=held.weight[find])) if find.any() else 0.0
    told = _error_of(chance, held)
    return Tried(total, float(np.mean(ranked)), severity, told, _wrong(chance, held))


def _wrong(chance: Floats, held: HeldOut) -> float:
    return float(np.mean(chance[held.is_base].argmax(axis=1) != held.truth[held.is_base]))


def _error_of(chance: Floats, held: HeldOut) -> float:
    base = held.is_base
    labels = sought(held.truth[base], held.classes)
    return float(
        np.mean([calibration_error(held.truth[base] == each, chance[base, each]) for each in labels])
    )
