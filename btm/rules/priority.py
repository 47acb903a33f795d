"""Which item a judge gets next: the one where a judgement is worth most, and of equals the oldest, in no readable order.

An item that waits grows in worth by a factor e every `ageing_hours`. All items grow alike, so the order between two of them
never changes: `log(worth) - opened_at / ageing_hours` is compared in place of `worth * exp(age / ageing_hours)`, is written
once with the item, and is right for ever without being rewritten. Design section 3.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from btm.rules.scoring import check_probabilities
from btm.rules.verification import decision_costs

LABEL_FLOOR = MODEL_FLOOR = STAKE_FLOOR = 0.2
"""What each of the three counts where it is 0, so that none hides the other two. The least worth is .2 * .2 * .2 = .008: with
the step below, the most worthwhile newcomers pass it for 5.8 days at the default ageing, inside the 7 days that a verdict has."""
STEP = 1.0
"""Priorities are rounded down to whole steps, in natural logarithms. One step is a factor e in worth, or `ageing_hours` of
waiting: finer differences in worth are guesses, and items within a step share a place, from which one is drawn by lot. So a
judge reads neither the machine's belief nor the points at stake from the order."""


def worth(label_uncertainty: float, model_uncertainty: float, stake: float) -> float:
    """What one more judgement of an item is worth, in [.008, 1]: the product of the three, each raised onto its floor.

    label_uncertainty, model_uncertainty, stake (points at stake as a share of the most there can be): 0 to 1; what lies outside
    is taken as the nearer end. Each is brought to `floor + (1 - floor) * value`. Raises ValueError for what is no number.
    """
    product = 1.0
    parts = ((label_uncertainty, LABEL_FLOOR), (model_uncertainty, MODEL_FLOOR), (stake, STAKE_FLOOR))
    for value, floor in parts:
        if math.isnan(value):
            raise ValueError("worth is asked of something that is no number")
        product *= floor + (1 - floor) * min(1.0, max(0.0, value))
    return product


def label_uncertainty(posterior: ArrayLike, cost: ArrayLike) -> float:
    """What deciding now is expected to cost, over what it costs who knows nothing (every label as likely); 0 to 1.

    posterior: shape (k,). cost: shape (k, k), `cost[true][assigned]`. 0 where no mistake costs anything. Raises ValueError on
    wrong shapes or values.
    """
    now = float(decision_costs(posterior, cost).min())
    k = np.asarray(posterior).size
    blind = float(decision_costs(np.full(k, 1 / k), cost).min())
    return min(1.0, max(0.0, now / blind)) if blind > 0 else 0.0


def model_uncertainty(probabilities: ArrayLike) -> float:
    """How undecided the machine is: the entropy of its probabilities, shape (k,), over that of k equal ones; 0 to 1."""
    p = check_probabilities(probabilities)
    told = p[p > 0] / p[p > 0].sum()
    return float(np.clip(-(told * np.log(told)).sum() / math.log(len(p)), 0.0, 1.0))


def priority(worth: float, opened_at_hours: float, ageing_hours: float) -> float:
    """The item's place, the highest first: `log(worth) - opened_at_hours / ageing_hours`, rounded down to a whole STEP.

    worth: above 0. opened_at_hours: since a moment that is the same for all items. ageing_hours: above 0; so long an item waits
    until it counts as one worth e times as much. Items with equal places are to be drawn by lot. Raises ValueError for
    numbers outside these ranges.
    """
    if not (math.isfinite(worth) and worth > 0):
        raise ValueError(f"worth is {worth}, not a number above 0")
    if not math.isfinite(opened_at_hours):
        raise ValueError(f"opened_at_hours is {opened_at_hours}, not a number")
    _check_ageing(ageing_hours)
    return math.floor((math.log(worth) - opened_at_hours / ageing_hours) / STEP) * STEP


def overtakes_after_hours(worth_low: float, worth_high: float, ageing_hours: float) -> float:
    """An item worth `worth_low` comes before every item worth at most `worth_high` that is opened more than so many hours after
    it: the time in which it makes up for the difference in worth, and for one step of rounding.

    Nothing starves: with the floors of `worth` this is at most `overtakes_after_hours(.008, 1, ageing_hours)`. Raises
    ValueError where a worth or ageing_hours is not above 0.
    """
    if not (worth_low > 0 and worth_high > 0):
        raise ValueError("a worth must be above 0")
    _check_ageing(ageing_hours)
    return ageing_hours * max(0.0, math.log(worth_high / worth_low) + STEP)


def _check_ageing(ageing_hours: float) -> None:
    if not (math.isfinite(ageing_hours) and ageing_hours > 0):
        raise ValueError(f"ageing_hours is {ageing_hours}, not a number above 0")
