from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from btm.rules.priority import (
    LABEL_FLOOR,
    MODEL_FLOOR,
    STAKE_FLOOR,
    STEP,
    label_uncertainty,
    model_uncertainty,
    overtakes_after_hours,
    priority,
    worth,
)
from btm.rules.settings import ChallengeRules

from .test_scoring import beliefs, costs

LEAST = LABEL_FLOOR * MODEL_FLOOR * STAKE_FLOOR
PLAIN = [[0, 1], [1, 0]]

share = st.floats(0, 1)
worths = st.floats(LEAST, 1)
hours = st.floats(0, 1_000_000)
ageings = st.floats(0.1, 24 * 365)


@given(share, share, share, share, st.integers(0, 2))
def test_more_of_any_of_the_three_is_never_worth_less(
    a: float, b: float, c: float, other: float, place: int
) -> None:
    low, high = [a, b, c], [a, b, c]
    low[place], high[place] = min(low[place], other), max(high[place], other)
    assert LEAST * (1 - 1e-9) <= worth(*low) <= worth(*high) <= 1


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_zero_hides_neither_of_the_other_two(place: int) -> None:
    parts = [0.5, 0.5, 0.5]
    parts[place] = 0
    for other in {0, 1, 2} - {place}:
        more = list(parts)
        more[other] = 0.9
        assert worth(*more) > 1.3 * worth(*parts) > 0


def test_worth_runs_from_the_product_of_the_floors_to_1() -> None:
    assert worth(0, 0, 0) == pytest.approx(LEAST)
    assert worth(1, 1, 1) == pytest.approx(1)
    assert worth(1.0000001, 1, 3) == worth(1, 1, 1)
    assert worth(-0.0000001, 0, -2) == worth(0, 0, 0)
    assert worth(1, 1, 0.5) == pytest.approx(0.6)


@pytest.mark.parametrize("place", [0, 1, 2])
def test_what_is_no_number_is_worth_nothing_that_could_be_said(place: int) -> None:
    parts = [0.5, 0.5, 0.5]
    parts[place] = math.nan
    with pytest.raises(ValueError, match="no number"):
        worth(*parts)


@pytest.mark.parametrize(
    ("posterior", "cost", "expected"),
    [
        ([0.5, 0.5], PLAIN, 1),
        ([0.9, 0.1], PLAIN, 0.2),
        ([1, 0], PLAIN, 0),
        ([0.1, 0.9], [[0, 1], [10, 0]], 0.2),  # .1 of the worst cost 10 is .01, over .05 for blind deciding
        (
            [0.9, 0.1],
            [[0, 1], [10, 0]],
            1,
        ),  # even ten times likelier, deciding for the first costs more than blind
        ([0.4, 0.3, 0.3], [[0, 1, 1], [1, 0, 1], [1, 1, 0]], 0.9),
        ([0.5, 0.5], [[0, 0], [0, 0]], 0),
    ],
)
def test_label_uncertainty_is_the_cost_of_deciding_over_that_of_knowing_nothing(
    posterior: list[float], cost: list[list[float]], expected: float
) -> None:
    assert label_uncertainty(posterior, cost) == pytest.approx(expected)


@given(beliefs(3), costs(3))
def test_both_uncertainties_lie_between_0_and_1(belief: np.ndarray, cost: np.ndarray) -> None:
    assert 0 <= label_uncertainty(belief, cost) <= 1
    assert 0 <= model_uncertainty(belief) <= 1


@pytest.mark.parametrize(
    ("probabilities", "expected"),
    [([0.5, 0.5], 1), ([1, 0], 0), ([0.25] * 4, 1), ([0.5, 0.5, 0, 0], 0.5), ([0.11, 0.89], 0.4999)],
)
def test_model_uncertainty_is_entropy_over_the_most_there_can_be(
    probabilities: list[float], expected: float
) -> None:
    assert model_uncertainty(probabilities) == pytest.approx(expected, abs=1e-3)


@given(worths, hours, hours, ageings)
def test_the_older_of_equals_is_never_later(value: float, one: float, other: float, ageing: float) -> None:
    older, newer = min(one, other), max(one, other)
    assert priority(value, older, ageing) >= priority(value, newer, ageing)


@given(worths, worths, hours, ageings)
def test_of_two_equally_old_the_one_worth_less_is_never_earlier(
    one: float, other: float, opened: float, ageing: float
) -> None:
    assert priority(max(one, other), opened, ageing) >= priority(min(one, other), opened, ageing)


@given(worths, worths, hours, hours, ageings, st.floats(0, 10_000))
def test_the_order_is_that_of_worth_times_age_at_every_moment(
    one: float, other: float, opened: float, opened_other: float, ageing: float, later: float
) -> None:
    now = max(opened, opened_other) + later
    aged, aged_other = (
        math.log(value) + (now - at) / ageing for value, at in ((one, opened), (other, opened_other))
    )
    first, second = priority(one, opened, ageing), priority(other, opened_other, ageing)
    if first > second:
        assert aged > aged_other - 1e-6
    if aged > aged_other + STEP + 1e-6:
        assert first > second


@given(worths, worths, hours, ageings, st.floats(0, 10_000))
def test_nothing_starves(low: float, high: float, opened: float, ageing: float, more: float) -> None:
    after = overtakes_after_hours(low, high, ageing) + more
    newcomer = opened + after + 1e-6 * (1 + ageing)
    assert priority(low, opened, ageing) > priority(high, newcomer, ageing)


def test_the_bound_is_tight() -> None:
    low, high, ageing = 0.05, 0.9, 24.0
    just_before = overtakes_after_hours(low, high, ageing) - 0.01
    opened = np.arange(0, 24, 0.005)
    passed = [priority(low, at, ageing) > priority(high, at + just_before, ageing) for at in opened]
    assert not all(passed)


def test_with_the_defaults_the_worst_item_comes_first_within_the_time_that_a_verdict_has() -> None:
    rules = ChallengeRules()
    assert overtakes_after_hours(LEAST, 1, rules.ageing_hours) < rules.verdict_days * 24
    assert overtakes_after_hours(LEAST, 1, rules.ageing_hours) == pytest.approx(139.9, abs=0.1)


def test_an_item_worth_more_by_steps_need_not_wait() -> None:
    assert overtakes_after_hours(1, 0.01, 24) == 0
    assert priority(1, 0, 24) > priority(0.01, 0, 24)


def test_many_items_share_a_place_so_that_the_dice_order_them() -> None:
    rng = np.random.default_rng(1)
    opened = rng.uniform(400_000, 400_072, 1000)
    values = [worth(*parts) for parts in rng.uniform(size=(1000, 3))]
    places = {priority(value, at, 24) for value, at in zip(values, opened, strict=True)}
    assert 3 <= len(places) <= 10
    assert all(place == math.floor(place) for place in places)


@pytest.mark.parametrize(
    ("value", "opened", "ageing", "says"),
    [
        (0, 1, 24, "worth is 0"),
        (math.nan, 1, 24, "worth is nan"),
        (0.5, math.inf, 24, "opened_at_hours"),
        (0.5, 1, 0, "ageing_hours"),
        (0.5, 1, math.nan, "ageing_hours"),
    ],
)
def test_a_priority_of_impossible_numbers_is_refused(
    value: float, opened: float, ageing: float, says: str
) -> None:
    with pytest.raises(ValueError, match=says):
        priority(value, opened, ageing)


def test_a_bound_of_impossible_numbers_is_refused() -> None:
    with pytest.raises(ValueError, match="worth"):
        overtakes_after_hours(0, 1, 24)
    with pytest.raises(ValueError, match="ageing_hours"):
        overtakes_after_hours(0.1, 1, -1)
