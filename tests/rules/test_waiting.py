from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from btm.rules.waiting import LONGEST, LONGEST_PAUSE, SHORTEST_PAUSE, ask_again_at

SINCE = datetime(2026, 11, 4, 12, tzinfo=UTC)
WAITED = st.timedeltas(timedelta(0), LONGEST - timedelta(microseconds=1))


@given(WAITED, st.floats(0, 1e9))
def test_it_is_asked_again_in_time_neither_at_once_nor_beyond_the_day(
    waited: timedelta, retry_after: float
) -> None:
    now = SINCE + waited
    again = ask_again_at(now, SINCE, retry_after)
    assert again is not None
    assert again <= SINCE + LONGEST
    assert again - now <= LONGEST_PAUSE
    assert again - now >= SHORTEST_PAUSE or again == SINCE + LONGEST


def test_pauses_grow_and_a_day_takes_about_160_questions() -> None:
    now, asked = SINCE, []
    while (again := ask_again_at(now, SINCE)) is not None:
        asked.append(again - now)
        now = again
    assert asked[0] == SHORTEST_PAUSE
    assert asked[:-1] == sorted(asked[:-1])
    assert 140 < len(asked) < 180
    assert now == SINCE + LONGEST


def test_the_machines_own_wish_is_heeded_up_to_the_longest_pause() -> None:
    assert ask_again_at(SINCE, SINCE, 120) == SINCE + timedelta(seconds=120)
    assert ask_again_at(SINCE, SINCE, 1e6) == SINCE + LONGEST_PAUSE
    assert ask_again_at(SINCE, SINCE, -5) == SINCE + SHORTEST_PAUSE
    assert ask_again_at(SINCE + LONGEST, SINCE) is None
