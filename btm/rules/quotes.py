"""From the machine's belief to a quote, or to the word that the machine already knows this one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from btm.rules import scoring
from btm.rules.settings import ChallengeRules


@dataclass(frozen=True, slots=True)
class Quote:
    """What a page would pay if it is truly `target`. `reserve` is the most it may pay whatever the truth turns out to be."""

    assigned: int
    severity: float
    novelty: float
    prevalence_weight: float
    points: int
    reserve: int


@dataclass(frozen=True, slots=True)
class AlreadyKnown:
    """Too little to gain: the machine is right about this page, or nearly."""

    severity: float
    points: int


def make_quote(
    probabilities: Sequence[float],
    target: int,
    cost: ArrayLike,
    foreseeable: float,
    rules: ChallengeRules,
    prevalence_weight: float = 1.0,
) -> Quote | AlreadyKnown:
    """The quote for a page claimed to be `target`.

    probabilities: the machine's, shape (k,). cost: shape (k, k). foreseeable: q in [0, 1], see `scoring.novelty`.
    A page is refused when even a wholly new error like it would stay below `min_quote`, or when this one does.
    """
    new = scoring.novelty(foreseeable, rules.novelty_floor)
    severity = scoring.severity(probabilities, target, cost)
    points = pay_for(severity, new, prevalence_weight, rules)
    if points < rules.min_quote:
        return AlreadyKnown(severity, points)
    assigned = int(np.argmax(np.asarray(probabilities, dtype=float)))
    reserve = max(
        bonus_for_truth(probabilities, truth, target, cost, new, prevalence_weight, rules)
        for truth in range(len(probabilities))
    )
    return Quote(assigned, severity, new, prevalence_weight, points, max(reserve, points, rules.base_pay))


def bonus_for_truth(
    probabilities: Sequence[float],
    truth: int,
    target: int,
    cost: ArrayLike,
    novelty: float,
    prevalence_weight: float,
    rules: ChallengeRules,
) -> int:
    """The bonus once the truth is known: the quote if the claim was right; a page that is something else, yet wrong for
    the machine, pays its own severity; nothing where the machine was right and the claim was not."""
    assigned = int(np.argmax(np.asarray(probabilities, dtype=float)))
    if truth != target and truth == assigned:
        return 0
    return pay_for(scoring.severity(probabilities, truth, cost), novelty, prevalence_weight, rules)


def pay_for(severity: float, novelty: float, prevalence_weight: float, rules: ChallengeRules) -> int:
    """`scoring.bonus` under a challenge's rules."""
    return scoring.bonus(
        severity,
        novelty,
        max_bonus=rules.max_bonus,
        sharpness=rules.sharpness,
        prevalence_weight=prevalence_weight,
    )
