from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from btm.rules.holding import Look, Wait, free_points, next_look, why_held

VERDICT = datetime(2026, 11, 1, 12, tzinfo=UTC)
DAYS = 14


def at(days: float) -> datetime:
    return VERDICT + timedelta(days=days)


def looks(*seen: tuple[str, float]) -> list[Look]:
    return [Look(state, at(days)) for state, days in seen]


@pytest.mark.parametrize(
    ("seen", "why"),
    [
        ([], "unseen"),
        ([("same", 1)], None),
        ([("changed", 1)], "changed"),
        ([("changed", 1), ("same", 2)], None),
        ([("same", 1), ("changed", 2)], "changed"),
        ([("gone", 1)], "unseen"),
        ([("failed", 1)], "unseen"),
        ([("failed", 1), ("gone", 2)], None),
        ([("changed", 1), ("failed", 2), ("gone", 2.5)], "changed"),
        ([("failed", 1), ("failed", 2), ("changed", 2.5)], "changed"),
        ([("same", -1)], "unseen"),
        ([("same", 2), ("changed", 1)], None),
    ],
    ids=str,
)
def test_points_wait_for_a_look_that_sees_the_same_page(
    seen: list[tuple[str, float]], why: str | None
) -> None:
    found = why_held(VERDICT, looks(*seen), DAYS, at(3))
    assert found == (Wait(why, at(DAYS)) if why else None)


def test_nothing_waits_longer_than_was_said_or_where_nothing_is_to_wait() -> None:
    changed = looks(("changed", 1))
    assert why_held(VERDICT, changed, DAYS, at(13.99)) is not None
    assert why_held(VERDICT, changed, DAYS, at(14)) is None
    assert why_held(VERDICT, [], 0, VERDICT) is None


def test_a_modeler_s_word_ends_the_wait() -> None:
    changed = looks(("changed", 1), ("changed", 8))
    assert why_held(VERDICT, changed, DAYS, at(9), is_released=True) is None
    assert why_held(VERDICT, [], DAYS, at(0.5), is_released=True) is None
    assert why_held(VERDICT, changed, DAYS, at(9), decided_at=at(2)) is None
    assert why_held(VERDICT, changed, DAYS, at(9), decided_at=at(0)) is not None, "what they had not seen"


@given(
    st.lists(st.tuples(st.sampled_from(("same", "changed", "gone", "failed")), st.floats(-5, 40))),
    st.floats(0, 90),
    st.floats(0, 100),
)
def test_a_wait_always_has_an_end(seen: list[tuple[str, float]], days: float, now: float) -> None:
    found = why_held(VERDICT, looks(*seen), days, at(now))
    if found is not None:
        assert at(now) < found.until == VERDICT + timedelta(days=days)
        assert why_held(VERDICT, looks(*seen), days, found.until) is None


@pytest.mark.parametrize(
    ("last", "days"),
    [(None, 1), (("same", 1), 8), (("changed", 1), 8), (("failed", 1), 2), (("gone", 2), 3), (("gone", 15), 22)],
)  # fmt: skip
def test_a_young_find_that_could_not_be_seen_is_tried_again_the_next_day(
    last: tuple[str, float] | None, days: float
) -> None:
    assert next_look(VERDICT, Look(last[0], at(last[1])) if last else None) == at(days)


@pytest.mark.parametrize(
    ("balance", "held", "free"), [(100, 30, 70), (100, 100, 0), (50, 80, 0), (-20, 30, -20), (0, 0, 0)]
)
def test_what_is_held_never_makes_a_debt(balance: int, held: int, free: int) -> None:
    assert free_points(balance, held) == free
