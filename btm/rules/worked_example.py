"""What finds would pay under some rules: a worked example for whoever sets the money of a challenge."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from btm.rules import scoring
from btm.rules.money import whole_price
from btm.rules.quotes import AlreadyKnown, make_quote
from btm.rules.settings import ChallengeRules

CASES = (
    ("The machine is sure of the opposite, and nobody found the like.", 0.97, 0.0),
    ("It is just as sure, and several like it were found.", 0.97, 0.9),
    ("It only leans to the opposite, and nobody found the like.", 0.7, 0.0),
    ("It is undecided.", 0.5, 0.0),
)
"""In words: how sure the machine is of a wrong label, and how foreseeable the mistake is."""
TYPICAL = 0


@dataclass(frozen=True, slots=True)
class ExampleFind:
    """One find. points: 0 where it would be refused because the machine knows it already."""

    case: str
    sure: float
    severity: float
    novelty: float
    points: int


@dataclass(frozen=True, slots=True)
class WorkedExample:
    """judging: what the judges of one page cost, from (nobody disagrees) and to (all are asked). reserved: what is set aside for a
    page when its player commits. finds: how many typical finds the budget pays, with their judges. All in points."""

    finds_shown: tuple[ExampleFind, ...]
    judging_from: int
    judging_to: int
    reserved: int
    budget: int
    finds: int

    @property
    def typical(self) -> ExampleFind:
        return self.finds_shown[TYPICAL]


def worked_example(
    rules: ChallengeRules, cost: Sequence[Sequence[float]], target: int, budget: int
) -> WorkedExample:
    """cost: shape (k, k), `cost[true][assigned]`. target: the index of what is sought. budget: in points.

    The machine's mistake is the worst one for the target. Raises ValueError on a wrong matrix or target.
    """
    matrix = scoring.check_cost(cost, len(cost))
    if not 0 <= target < len(matrix):
        raise ValueError(f"target is {target}, but there are {len(matrix)} labels")
    finds = tuple(_find(rules, matrix, target, *case) for case in CASES)
    price = finds[TYPICAL].points + rules.min_judgements * rules.judging_price
    return WorkedExample(
        finds_shown=finds,
        judging_from=rules.min_judgements * rules.judging_price,
        judging_to=rules.max_judgements * rules.judging_price,
        reserved=whole_price(max(finds[TYPICAL].points, rules.base_pay), rules),
        budget=budget,
        finds=budget // price if price and finds[TYPICAL].points else 0,
    )


def _find(
    rules: ChallengeRules, cost: np.ndarray, target: int, case: str, sure: float, foreseeable: float
) -> ExampleFind:
    wrong = max((i for i in range(len(cost)) if i != target), key=lambda i: cost[target][i], default=target)
    probabilities = [0.0] * len(cost)
    probabilities[target] = 1.0 - sure
    probabilities[wrong] += sure
    quote = make_quote(probabilities, target, cost, foreseeable, rules)
    new = scoring.novelty(foreseeable, rules.novelty_floor)
    points = 0 if isinstance(quote, AlreadyKnown) else quote.points
    return ExampleFind(case, sure, quote.severity, new, points)
