from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from btm.rules.qualification import count_right, pass_mark, retry_at

NOW = datetime(2026, 11, 4, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("items", "share", "mark"),
    [(5, 0.8, 4), (5, 0.81, 5), (10, 0.7, 7), (3, 0.0, 0), (3, 1.0, 3), (0, 0.8, 0), (10, 0.3, 3)],
)
def test_the_pass_mark_is_rounded_up_and_not_beyond(items: int, share: float, mark: int) -> None:
    assert pass_mark(items, share) == mark


def test_a_missing_answer_is_wrong_and_a_surplus_one_nothing() -> None:
    assert count_right({0: "a", 2: "b", 9: "a"}, ["a", "a", "b"]) == 2


@pytest.mark.parametrize(
    ("failed", "expected"),
    [(None, None), (NOW, NOW + timedelta(minutes=10)), (NOW - timedelta(minutes=9), NOW + timedelta(minutes=1)),
     (NOW - timedelta(minutes=10), None), (NOW - timedelta(days=1), None)],
)  # fmt: skip
def test_after_failing_one_waits(failed: datetime | None, expected: datetime | None) -> None:
    assert retry_at(failed, 10, NOW) == expected
