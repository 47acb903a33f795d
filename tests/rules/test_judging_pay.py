from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from btm.rules.judging_pay import Pay, judging_price
from btm.rules.settings import ChallengeRules
from btm.rules.verification import uniform_confusion
from btm.rules.worker_quality import judges_needed, quality

RULES = ChallengeRules()
EVEN = [0.5, 0.5]
PLAIN = 1 - np.eye(2)
PROVEN = RULES.pay_proof_judgements
SPAMMER = np.array([[1.0, 0.0], [1.0, 0.0]])


def price(accuracy: float, full: int = 50, judgements: int = PROVEN, rules: ChallengeRules = RULES) -> Pay:
    return judging_price(full, uniform_confusion(2, accuracy), EVEN, PLAIN, judgements, rules)


def test_the_default_specification_is_what_a_judge_right_82_times_of_100_reaches() -> None:
    fresh = quality(uniform_confusion(2, RULES.judge_accuracy), EVEN, PLAIN)
    assert fresh == pytest.approx((2 * 0.85 - 1) ** 2)
    assert fresh > RULES.quality_specification
    least = (1 + math.sqrt(RULES.quality_specification)) / 2
    assert least == pytest.approx(0.816, abs=1e-3)
    assert price(least + 0.001) == Pay(50, 1, 1.0)
    assert price(least - 0.001).needed == 2


def test_a_newcomer_gets_the_full_price_whatever_they_answer() -> None:
    for confusion in (SPAMMER, np.full((2, 2), 0.5), uniform_confusion(2, 0.6)):
        assert judging_price(50, confusion, EVEN, PLAIN, PROVEN - 1, RULES) == Pay(50, 1, 1.0)


def test_labels_that_tell_nothing_are_worth_nothing_once_that_is_known() -> None:
    for confusion in (SPAMMER, np.full((2, 2), 0.5)):
        assert judging_price(50, confusion, EVEN, PLAIN, PROVEN, RULES) == Pay(0, None, 0.0)


def test_a_judge_who_swaps_the_labels_tells_all_and_is_paid_so() -> None:
    assert judging_price(50, np.eye(2)[::-1], EVEN, PLAIN, PROVEN, RULES) == Pay(50, 1, 1.0)


@pytest.mark.parametrize(
    ("accuracy", "full", "points"),
    [(0.81, 50, 25), (0.81, 51, 26), (0.81, 1, 1), (0.81, 0, 0), (0.6, 2, 1), (0.95, 0, 0)],
)
def test_the_price_is_divided_by_the_judges_needed_and_rounded_half_up(
    accuracy: float, full: int, points: int
) -> None:
    paid = price(accuracy, full)
    assert paid.points == points
    assert paid.needed is not None
    assert paid.share == pytest.approx(1 / paid.needed)


@given(st.floats(0.5, 1), st.integers(0, 10_000))
def test_the_price_is_what_the_panel_says(accuracy: float, full: int) -> None:
    paid = price(accuracy, full)
    needed = judges_needed(uniform_confusion(2, accuracy), EVEN, PLAIN, RULES.quality_specification)
    assert paid.needed == needed
    if needed is None:
        assert paid.points == 0
    else:
        assert min(1, full) <= paid.points <= full
        assert paid.points == min(1, full) or abs(paid.points - full / needed) <= 0.5


@given(st.floats(0.5, 1), st.floats(0.5, 1), st.integers(0, 1000))
def test_better_labels_are_never_paid_less(one: float, other: float, full: int) -> None:
    assert price(min(one, other), full).points <= price(max(one, other), full).points


def test_the_specification_decides_who_is_paid_in_full() -> None:
    strict = replace(RULES, quality_specification=0.9)
    assert price(0.9) == Pay(50, 1, 1.0)
    assert price(0.9, rules=strict).points < 50


def test_costs_and_priors_count() -> None:
    confusion = uniform_confusion(2, 0.85)
    assert judging_price(50, confusion, [0.95, 0.05], PLAIN, PROVEN, RULES).needed == 2
    mixes_near = np.array([[0.6, 0.4, 0], [0.4, 0.6, 0], [0, 0, 1]])
    far_costs = [[0, 0.1, 1], [0.1, 0, 1], [1, 1, 0]]
    third = [1 / 3] * 3
    strict = replace(RULES, quality_specification=0.8)
    assert judging_price(50, mixes_near, third, far_costs, PROVEN, strict).needed == 1
    assert judging_price(50, mixes_near, third, 1 - np.eye(3), PROVEN, strict).needed != 1


def test_a_price_below_0_is_refused() -> None:
    with pytest.raises(ValueError, match="full_price"):
        price(0.9, -1)
