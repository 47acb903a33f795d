"""The lowest reward that works: when a step has held, when it has broken, and when nobody can say yet."""

from __future__ import annotations

import random

import pytest

from btm.rules.errors import Invalid
from btm.rules.reward_search import (
    KEPT,
    PACE,
    QUALITY,
    TOO_FEW,
    Seen,
    Terms,
    check_terms,
    first_verdict,
    next_value,
    pace_ratio,
    quality_ratio,
    step_verdict,
)

TERMS = Terms(keep_pace=0.7, keep_quality=0.8, least_hours=24, least_pages=30)
FIRST = Seen(400, 400, 300, 48)


def test_the_first_step_waits_for_pages_and_time_and_not_for_ever() -> None:
    assert first_verdict(Seen(40, 29, 20, 30), TERMS) == ""
    assert first_verdict(Seen(40, 40, 20, 23), TERMS) == ""
    assert first_verdict(Seen(40, 40, 20, 24), TERMS) == KEPT
    assert first_verdict(Seen(29, 29, 20, 96), TERMS) == TOO_FEW
    assert first_verdict(Seen(40, 40, 0, 96), TERMS) == TOO_FEW


@pytest.mark.parametrize(
    ("seen", "verdict"),
    [
        (Seen(400, 400, 300, 23), ""),  # too soon
        (Seen(400, 400, 300, 48), KEPT),
        (Seen(120, 120, 90, 48), PACE),
        (Seen(400, 400, 150, 48), QUALITY),
        (Seen(33, 33, 25, 4.8 * 0.8 + 24), PACE),
        (Seen(10, 10, 9, 95), ""),  # too few pages, and still time
        (Seen(10, 10, 9, 96), PACE),
        (Seen(50, 40, 29, 24 * 0.26 + 24), PACE),
    ],
)
def test_a_step_ends_when_it_is_clear(seen: Seen, verdict: str) -> None:
    assert step_verdict(FIRST, seen, TERMS) == verdict


def test_what_is_not_clear_goes_on_until_there_are_four_times_the_pages() -> None:
    near = Seen(60, 60, 43, 60 / (400 / 48) / 0.72)
    terms = Terms(0.7, 0.8, 1, 30)
    assert step_verdict(FIRST, near, terms) == ""
    more = Seen(120, 120, 86, 120 / (400 / 48) / 0.72)
    assert step_verdict(FIRST, more, terms) == KEPT
    worse = Seen(120, 120, 86, 120 / (400 / 48) / 0.68)
    assert step_verdict(FIRST, worse, terms) == PACE


def test_intervals_hold_the_true_ratio_as_often_as_they_say() -> None:
    dice = random.Random(7)

    def times(mean: float) -> int:
        """A Poisson draw, by its waiting times."""
        count, passed = 0, dice.expovariate(mean)
        while passed < 1:
            count, passed = count + 1, passed + dice.expovariate(mean)
        return count

    hits = [0, 0]
    for _ in range(600):
        a, b = times(80), times(40)
        ratio = pace_ratio(Seen(a, a, a, 24), Seen(b, b, b, 24))
        hits[0] += ratio.low <= 0.5 <= ratio.high
        first, step = (sum(dice.random() < p for _ in range(80)) for p in (0.6, 0.45))
        ratio = quality_ratio(Seen(80, 80, first, 24), Seen(80, 80, step, 24))
        hits[1] += ratio.low <= 0.75 <= ratio.high
    assert all(0.92 <= hit / 600 <= 0.98 for hit in hits), hits


def test_the_reward_is_halved_as_far_as_it_goes() -> None:
    assert [next_value(value, 50) for value in (1000, 101, 100, 99, 50)] == [500, 50, 50, None, None]
    assert [next_value(value, 0) for value in (3, 2, 1)] == [1, 1, None]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("keep_pace", 0.0),
        ("keep_pace", 1.2),
        ("keep_quality", 0.05),
        ("least_hours", 0.5),
        ("least_pages", 9),
    ],
)
def test_terms_that_cannot_be_meant_name_their_field(field: str, value: float) -> None:
    with pytest.raises(Invalid) as refused:
        check_terms(Terms(**{field: value}))  # type: ignore[arg-type]
    assert refused.value.field == field
    assert check_terms(Terms()) == Terms()
