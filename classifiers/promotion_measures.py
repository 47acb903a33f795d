"""Two machines on the same pages: each measure before, after, and the difference with a paired bootstrap interval."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from classifiers.evaluate import auc, average_precision, calibration_error

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
_SEVERE = 0.9


@dataclass(frozen=True)
class Difference:
    """A measure of both machines, `after` less `before`, and its 95% interval; None where it is not defined."""

    before: float | None
    after: float | None
    difference: float | None
    low: float | None
    high: float | None


class Asked(NamedTuple):
    """n pages shown to both: true labels (n,), probabilities (n, k) before and after, and cost (k, k), at most 1."""

    truth: Integers
    before: Floats
    after: Floats
    price: Floats

    def wrong(self) -> tuple[Floats, Floats]:
        """1 for each page whose label of least expected cost is not the true one; before and after."""
        told = [self.told(table) for table in (self.before, self.after)]
        return (told[0] != self.truth).astype(np.float64), (told[1] != self.truth).astype(np.float64)

    def severity(self) -> tuple[Floats, Floats]:
        """The probability given to wrong labels; before and after."""
        rows = np.arange(len(self.truth))
        return 1.0 - self.before[rows, self.truth], 1.0 - self.after[rows, self.truth]

    def told(self, table: Floats) -> Integers:
        """The label of least expected cost for each page."""
        return np.asarray((table @ self.price).argmin(axis=1), np.int64)


Ranked = Callable[[NDArray[np.bool_], Floats], float]


def differences(
    asked: Asked, rng: np.random.Generator, resamples: int, groups: Integers | None = None
) -> dict[str, Difference]:
    """Accuracy, wrong, severe (over .9), cost, log_loss, average_precision, auc and calibration.

    The last three are means over the labels but the commonest. `groups`, shape (n,): resampled whole.
    """
    draws = [_draw(len(asked.truth), rng, groups) for _ in range(resamples)] if len(asked.truth) else []
    found = {name: _of_means(pair, draws) for name, pair in _by_page(asked).items()}
    labels = _sought(asked)
    ranked: dict[str, Ranked] = {
        "average_precision": average_precision,
        "auc": auc,
        "calibration": calibration_error,
    }
    return found | {name: _of_ranks(measure, asked, labels, draws) for name, measure in ranked.items()}


def _by_page(asked: Asked) -> dict[str, tuple[Floats, Floats]]:
    wrong, severity = asked.wrong(), asked.severity()
    costs = [asked.price[asked.truth, asked.told(table)] for table in (asked.before, asked.after)]
    return {
        "accuracy": (1 - wrong[0], 1 - wrong[1]),
        "wrong": wrong,
        "severe": ((severity[0] > _SEVERE).astype(float), (severity[1] > _SEVERE).astype(float)),
        "cost": (costs[0], costs[1]),
        "log_loss": (-np.log(np.clip(1 - severity[0], 1e-12, 1)), -np.log(np.clip(1 - severity[1], 1e-12, 1))),
    }  # fmt: skip


def _of_means(pair: tuple[Floats, Floats], draws: list[Integers]) -> Difference:
    if not draws:
        return Difference(None, None, None, None, None)
    change = pair[1] - pair[0]
    drawn = [float(change[rows].mean()) for rows in draws]
    return _difference(float(pair[0].mean()), float(pair[1].mean()), drawn)


def _of_ranks(measure: Ranked, asked: Asked, labels: list[int], draws: list[Integers]) -> Difference:
    if not draws or not labels:
        return Difference(None, None, None, None, None)

    def both(rows: Integers | slice) -> tuple[float, float]:
        truth = asked.truth[rows]
        told = [
            float(np.mean([measure(truth == label, table[rows][:, label]) for label in labels]))
            for table in (asked.before, asked.after)
        ]
        return told[0], told[1]

    before, after = both(slice(None))
    return _difference(before, after, [other - one for one, other in map(both, draws)])


def _difference(before: float, after: float, drawn: list[float]) -> Difference:
    kept = np.array([each for each in drawn if math.isfinite(each)])
    if not (math.isfinite(before) and math.isfinite(after) and kept.size):
        return Difference(_plain(before), _plain(after), None, None, None)
    low, high = np.quantile(kept, [0.025, 0.975])
    return Difference(
        _plain(before), _plain(after), _plain(after - before), _plain(float(low)), _plain(float(high))
    )


def _sought(asked: Asked) -> list[int]:
    sizes = np.bincount(asked.truth, minlength=len(asked.price))
    return [label for label in range(len(sizes)) if label != int(sizes.argmax())]


def _draw(n: int, rng: np.random.Generator, groups: Integers | None) -> Integers:
    if groups is None:
        return np.asarray(rng.integers(0, n, n), np.int64)
    members = [np.flatnonzero(groups == each) for each in range(int(groups.max()) + 1)]
    return np.concatenate([members[each] for each in rng.integers(0, len(members), len(members))])


def _plain(value: float) -> float | None:
    return round(value, 6) if math.isfinite(value) else None
