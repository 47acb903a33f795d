"""When judgements suffice, and what they say.

The posterior is Dawid and Skene's (1979): prior times the product, over judges, of the probability that this judge gives
that label when the truth is t. Deciding costs `min_a sum_t posterior[t] * cost[t][a]`, as a share of the worst cost.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike

from btm.rules.scoring import check_cost, check_probabilities


class VerificationSettings(Protocol):
    """What `decide` reads of a challenge's rules."""

    @property
    def min_judgements(self) -> int: ...
    @property
    def max_judgements(self) -> int: ...
    @property
    def max_expected_cost(self) -> float: ...


@dataclass(frozen=True, slots=True)
class Verdict:
    """The label (index) that costs least to decide for, its probability, and what deciding is expected to cost (0 to 1)."""

    label: int
    probability: float
    expected_cost: float


@dataclass(frozen=True, slots=True)
class NeedMore:
    """One more judgement is worth asking for."""

    expected_cost: float


@dataclass(frozen=True, slots=True)
class Undecided:
    """The judgements are used up and do not agree: a modeler decides."""

    expected_cost: float


def uniform_confusion(n_labels: int, accuracy: float) -> np.ndarray:
    """A judge of whom nothing is known but an accuracy: shape (k, k), rows true, columns given."""
    off = (1.0 - accuracy) / (n_labels - 1)
    return np.where(np.eye(n_labels, dtype=bool), accuracy, off)


def posterior(prior: ArrayLike, given: Sequence[int], confusions: Sequence[np.ndarray]) -> np.ndarray:
    """Probability of each label, shape (k,), after judgements `given` by judges with these confusion matrices.

    prior: shape (k,). given: label indices, one a judgement. confusions: a (k, k) array a judgement, rows true, columns
    given, all entries above 0. Raises ValueError when the two lengths differ.
    """
    log_p = np.log(check_probabilities(prior).clip(1e-12))
    for label, confusion in zip(given, confusions, strict=True):
        log_p = log_p + np.log(confusion[:, label])
    p = np.exp(log_p - log_p.max())
    return np.asarray(p / p.sum())


def decision_costs(posterior: ArrayLike, cost: ArrayLike) -> np.ndarray:
    """Expected cost of deciding for each label, shape (k,), as a share of the worst cost there is."""
    p = check_probabilities(posterior)
    c = check_cost(cost, len(p))
    worst = float(c.max())
    return np.asarray(p @ c / worst) if worst > 0 else np.zeros(len(p))


def decide(
    posterior: ArrayLike, cost: ArrayLike, judgements: int, settings: VerificationSettings
) -> Verdict | NeedMore | Undecided:
    """The stopping rule: decide when enough judgements came and deciding is cheap; give up at `max_judgements`.

    posterior: shape (k,). cost: shape (k, k), `cost[true][assigned]`. judgements: how many answers came so far.
    """
    costs = decision_costs(posterior, cost)
    label = int(costs.argmin())
    expected = float(costs[label])
    if judgements >= settings.min_judgements and expected <= settings.max_expected_cost:
        return Verdict(label, float(np.asarray(posterior, dtype=float)[label]), expected)
    if judgements >= settings.max_judgements:
        return Undecided(expected)
    return NeedMore(expected)
