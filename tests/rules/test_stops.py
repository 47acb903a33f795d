"""When a challenge stops by itself, and how long a budget lasts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from btm.rules.budget import LEAST_DAYS, forecast
from btm.rules.errors import Invalid
from btm.rules.stops import BUDGET, DATE, FINDS, Standing, Stops, check_stops, still_to_spend, why_stopped

NOON = datetime(2026, 11, 4, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("stops", "left"),
    [
        (Stops(), 90), (Stops(spent=100), 40), (Stops(spent=500), 90), (Stops(keep_free=50), 40), (Stops(keep_free=91), 0),
        (Stops(spent=10), 0), (Stops(spent=75, keep_free=80), 10), (Stops(until=NOON, finds=1), 90),
    ],
)  # fmt: skip
def test_conditions_on_points_leave_what_is_free_or_less(stops: Stops, left: int) -> None:
    assert still_to_spend(stops, Standing(found=9, spent=60, free=90)) == left


@pytest.mark.parametrize(
    ("stops", "standing", "amount", "reason"),
    [
        (Stops(), Standing(10**9, 10**9, -5), 10**6, ""),
        (Stops(until=NOON + timedelta(seconds=1)), Standing(), 0, ""),
        (Stops(until=NOON), Standing(), 0, DATE),
        (Stops(finds=5), Standing(found=4), 0, ""),
        (Stops(finds=5), Standing(found=5), 0, FINDS),
        (Stops(spent=100), Standing(spent=60), 40, ""),
        (Stops(spent=100), Standing(spent=60), 41, BUDGET),
        (Stops(spent=100), Standing(spent=100), 0, BUDGET),
        (Stops(keep_free=50), Standing(free=90), 40, ""),
        (Stops(keep_free=50), Standing(free=90), 41, BUDGET),
        (Stops(NOON, 1, 1, 1), Standing(9, 9, 0), 9, DATE),
    ],
)
def test_the_first_condition_that_is_met_is_the_reason(
    stops: Stops, standing: Standing, amount: int, reason: str
) -> None:
    assert why_stopped(stops, standing, NOON, amount) == reason


def test_a_day_counts_only_where_the_moment_is_known() -> None:
    assert why_stopped(Stops(until=NOON), Standing(), None) == ""


@pytest.mark.parametrize("name", ["finds", "spent", "keep_free"])
def test_a_condition_that_cannot_be_meant_names_its_field(name: str) -> None:
    for value in (0, -1, 10**15):
        with pytest.raises(Invalid) as refused:
            check_stops(Stops(**{name: value}))
        assert refused.value.field == name
    assert check_stops(Stops(**{name: 1})) == Stops(**{name: 1})


def test_too_few_days_say_nothing() -> None:
    assert forecast(1000, [5] * (LEAST_DAYS - 1)) is None


def test_an_even_pace_lasts_as_long_as_the_division_says() -> None:
    made = forecast(1000, [100] * 7)
    assert made is not None
    assert (made.days, made.soonest, made.latest, made.over_days) == (10, 10, 10, 7)


def test_an_uneven_pace_has_an_interval_around_its_mean() -> None:
    made = forecast(1000, [0, 200, 100, 50, 150])
    assert made is not None
    assert made.per_day == 100
    assert made.soonest is not None
    assert made.days is not None
    assert made.latest is not None
    assert made.soonest < made.days == 10 < made.latest


def test_where_nothing_is_spent_it_does_not_run_out() -> None:
    made = forecast(1000, [0, 0, 0, 0])
    assert made is not None
    assert (made.days, made.soonest, made.latest) == (None, None, None)
    spent = forecast(-5, [10, 10, 10])
    assert spent is not None
    assert spent.days == 0
