from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from btm.rules.pace import LEAST_SD, NEVER_HASTY_SECONDS, Pace, is_hasty, measure
from btm.rules.settings import ChallengeRules

RULES = ChallengeRules()
USUAL = Pace(math.log(20), 0.6, 500)  # hasty below 20 * exp(-1.5) = 4.46 seconds


def test_the_pace_is_the_middle_and_spread_of_the_logarithms() -> None:
    seconds = np.random.default_rng(1).lognormal(math.log(20), 0.6, 5000)
    pace = measure(seconds)
    assert pace.mean == pytest.approx(math.log(20), abs=0.03)
    assert pace.sd == pytest.approx(0.6, abs=0.03)
    assert pace.count == 5000


def test_clickers_and_a_forgotten_tab_hardly_move_it() -> None:
    honest = np.random.default_rng(2).lognormal(math.log(20), 0.6, 800)
    mixed = measure(np.concatenate((honest, np.full(150, 0.5), np.full(10, 80_000.0))))
    assert mixed.mean == pytest.approx(measure(honest).mean, abs=0.15)
    assert is_hasty(0.5, mixed, RULES)


def test_equal_times_leave_a_spread() -> None:
    assert measure([8.0] * 100) == Pace(pytest.approx(math.log(8)), LEAST_SD, 100)
    assert not is_hasty(6, measure([8.0] * 100), RULES)


def test_times_of_nothing_or_less_count_as_a_tenth_of_a_second() -> None:
    assert measure([0, -5, 0.01]).mean == pytest.approx(math.log(0.1))
    assert is_hasty(0, USUAL, RULES)
    assert is_hasty(-3, USUAL, RULES)


def test_without_answers_nobody_is_hasty() -> None:
    assert measure([]).count == 0
    assert not is_hasty(0.1, measure([]), RULES)


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_a_time_that_is_no_number_is_refused(bad: float) -> None:
    with pytest.raises(ValueError, match="finite"):
        measure([1.0, bad])


@pytest.mark.parametrize(("seconds", "hasty"), [(1, True), (4.4, True), (4.5, False), (20, False)])
def test_hasty_is_so_many_deviations_below_the_middle(seconds: float, hasty: bool) -> None:
    assert is_hasty(seconds, USUAL, RULES) is hasty


def test_it_takes_enough_answers_to_say_so() -> None:
    assert not is_hasty(0.2, replace(USUAL, count=RULES.too_fast_least - 1), RULES)
    assert is_hasty(0.2, replace(USUAL, count=RULES.too_fast_least), RULES)


def test_who_took_a_while_is_not_hasty_however_long_others_take() -> None:
    slow = Pace(math.log(600), 0.4, 500)
    assert is_hasty(NEVER_HASTY_SECONDS - 0.1, slow, RULES)
    assert not is_hasty(NEVER_HASTY_SECONDS, slow, RULES)


@given(st.floats(0, 100), st.floats(0, 100), st.floats(-2, 8), st.floats(0.25, 3), st.floats(1, 5))
def test_a_longer_answer_is_never_the_hastier(
    one: float, other: float, mean: float, sd: float, z: float
) -> None:
    rules, pace = replace(RULES, too_fast_z=z), Pace(mean, sd, 500)
    if is_hasty(max(one, other), pace, rules):
        assert is_hasty(min(one, other), pace, rules)


def test_of_honest_answers_few_are_hasty() -> None:
    seconds = np.random.default_rng(3).lognormal(math.log(12), 0.5, 5000)
    pace = measure(seconds)
    share = np.mean([is_hasty(float(s), pace, RULES) for s in seconds])
    assert 0 < share < 0.02
