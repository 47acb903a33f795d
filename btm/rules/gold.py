"""Gold, the items whose true label is known: how often a judge meets it, what may become gold, and when it is used up.

Sources: P. Ipeirotis, F. Provost and J. Wang, "Quality management on Amazon Mechanical Turk" (HCOMP 2010), for testing less
those who have proven themselves; E. B. Wilson, "Probable inference, the law of succession, and statistical inference" (JASA 22,
1927), for the bound; W. Hoeffding, "On the distribution of the number of successes in independent trials" (Annals of
Mathematical Statistics 27, 1956), for the tail; design section 3.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Protocol

WILSON_Z = 1.96
"""A bound from below that holds for 97.5 of 100 judges."""
HASTY_UNPROVEN = 0.25
"""The share of hasty answers at which nothing counts as proven any more."""
LEAK_CHANCE = 0.01
"""So rarely judges who do not know the answer do that well."""
MOST_REVEALED = 10
"""To so many judges the true answer of a gold item may be shown before it is retired: each of them can pass it on."""


class GoldSettings(Protocol):
    """What these rules read of a challenge's rules."""

    @property
    def gold_rate_start(self) -> float: ...
    @property
    def gold_rate_floor(self) -> float: ...
    @property
    def gold_proof_answers(self) -> int: ...
    @property
    def min_gold_accuracy(self) -> float: ...
    @property
    def gold_leak_answers(self) -> int: ...
    @property
    def gold_min_probability(self) -> float: ...
    @property
    def gold_min_judgements(self) -> int: ...


def gold_rate(right: int, asked: int, settings: GoldSettings, *, hasty_share: float = 0.0) -> float:
    """The share of a judge's items that are gold: from `gold_rate_start` down to `gold_rate_floor` as quality is proven.

    Proven is how far the lower Wilson bound of the judge's gold accuracy has come from `min_gold_accuracy` (where a judge is
    blocked) to what `gold_proof_answers` right answers of as many give. Who answers badly, or seldom, keeps the start rate.
    right, asked: the judge's gold answers. hasty_share: the share (0 to 1) of the judge's answers that came too fast; it takes
    away from what is proven, all of it at a quarter. Raises ValueError when right is not from 0 to asked.
    """
    _check_counts(right, asked)
    trust = 1 - min(1.0, max(0.0, hasty_share) / HASTY_UNPROVEN)
    start, floor = settings.gold_rate_start, settings.gold_rate_floor
    return min(start, max(floor, start - (start - floor) * _proven(right, asked, settings) * trust))


def serves_gold(dice: float, rate: float) -> bool:
    """Whether the next item is gold. dice: even in [0, 1)."""
    return dice < rate


def may_become_gold(probability: float, judgements: int, agreeing: int, settings: GoldSettings) -> bool:
    """Whether an item may become gold by its verdict: a sure one, from enough judges, none of whom gave another label.

    An item on which people differed makes bad gold however sure the sum of their answers is: it would test taste.
    probability: of the verdict. judgements: labels given. agreeing: of these, how many are the verdict's.
    """
    unanimous = agreeing == judgements >= settings.gold_min_judgements
    return unanimous and probability >= settings.gold_min_probability


def is_leaked(asked: int, right: int, expected_right: float, settings: GoldSettings) -> bool:
    """Whether a gold item is answered better than its judges could without knowing: fewer than 1 in 100 such items would be.

    asked, right: answers to this item. expected_right: the sum, over these judges, of the probability that they give its true
    label, by their confusion matrices as other items show them. The chance is a binomial's with the mean probability; judges
    who differ spread less than that (Hoeffding), so it errs towards keeping the item. Where nearly all are expected to be right,
    a perfect record is no surprise. Raises ValueError when right is not from 0 to asked.
    """
    _check_counts(right, asked)
    if asked < settings.gold_leak_answers:
        return False
    return upper_tail(right, asked, min(1.0, max(0.0, expected_right / asked))) < LEAK_CHANCE


def choose_label(active: Mapping[str, int], asked_of_judge: Mapping[str, int], dice: float) -> str | None:
    """The label of which a judge gets gold next: the one asked least of this judge; among equals the dice choose.

    active: gold items to be had, by true label. asked_of_judge: gold this judge answered, by true label; what is missing counts 0.
    dice: even in [0, 1). None when there is no gold.
    """
    there = sorted(label for label, items in active.items() if items > 0)
    if not there:
        return None
    least = min(asked_of_judge.get(label, 0) for label in there)
    equals = [label for label in there if asked_of_judge.get(label, 0) == least]
    return equals[min(int(dice * len(equals)), len(equals) - 1)]


def seen_by_too_many(revealed: int) -> bool:
    """Whether gold is used up: so many judges missed it and were told the true answer."""
    return revealed >= MOST_REVEALED


def wilson_lower(right: int, asked: int, z: float = WILSON_Z) -> float:
    """The lower Wilson bound of a share, `right` of `asked`; 0 where nothing was asked."""
    if asked == 0:
        return 0.0
    share, weight = right / asked, z * z / asked
    middle = share + weight / 2
    reach = math.sqrt(weight * (share * (1 - share) + weight / 4))
    return max(0.0, (middle - reach) / (1 + weight))


def upper_tail(successes: int, trials: int, chance: float) -> float:
    """The probability of at least `successes` in `trials` independent ones of probability `chance`: every term, summed."""
    if successes <= 0 or chance >= 1:
        return 1.0
    if chance <= 0:
        return 0.0
    hit, miss = math.log(chance), math.log1p(-chance)
    ways = math.lgamma(trials + 1)
    terms = (
        math.exp(ways - math.lgamma(n + 1) - math.lgamma(trials - n + 1) + n * hit + (trials - n) * miss)
        for n in range(successes, trials + 1)
    )
    return min(1.0, math.fsum(terms))


def _proven(right: int, asked: int, settings: GoldSettings) -> float:
    """From 0, nothing, to 1, as good as `gold_proof_answers` right answers of as many."""
    enough = wilson_lower(settings.gold_proof_answers, settings.gold_proof_answers)
    bound, least = wilson_lower(right, asked), settings.min_gold_accuracy
    if bound >= enough:
        return 1.0
    return max(0.0, (bound - least) / (enough - least)) if bound > least else 0.0


def _check_counts(right: int, asked: int) -> None:
    if not 0 <= right <= asked:
        raise ValueError(f"right is {right}, not from 0 to asked, {asked}")
