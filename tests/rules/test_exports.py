from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from btm.rules.errors import Invalid
from btm.rules.exports import EVERYTHING, ExportQuery, query_from, side_of


def test_nothing_said_asks_for_everything() -> None:
    assert query_from({}) == query_from({"state": "", "since": "  ", "unheard": "of"}) == EVERYTHING


def test_a_query_says_what_was_asked() -> None:
    asked = {
        "cluster": "c1", "state": "known", "status": "open", "machine": "2", "since": "2026-03-01",
        "until": "2026-04-01T12:00+02:00", "part": "test", "test_share": "0.5", "after": "f9",
    }  # fmt: skip
    since, until = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, 10, tzinfo=UTC)
    assert query_from(asked) == ExportQuery("c1", "known", "open", "2", since, until, "test", 0.5, "f9")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("state", "old"), ("status", "new"), ("part", "valid"), ("since", "yesterday"), ("until", "2026-13-01"),
        ("since", "0001-01-01T00:00+14:00"), ("test_share", "0"), ("test_share", "1"), ("test_share", "nan"), ("test_share", "x"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_refused_by_name(field: str, value: str) -> None:
    with pytest.raises(Invalid) as caught:
        query_from({field: value})
    assert caught.value.field == field
    assert f"'{field}'" in caught.value.sentence


def test_a_time_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(Invalid):
        query_from({"since": "2026-03-01", "until": "2026-03-01"})


@given(st.text(), st.text(), st.floats(0.01, 0.99))
def test_a_side_is_always_the_same_and_a_larger_share_only_adds_to_the_test(
    salt: str, group: str, share: float
) -> None:
    side = side_of(salt, group, share)
    assert side == side_of(salt, group, share)
    if side == "test":
        assert side_of(salt, group, min(share * 1.5, 0.999)) == "test"


def test_the_share_is_kept_and_another_salt_splits_otherwise() -> None:
    groups = [f"cluster {turn}" for turn in range(5000)]
    ours = [side_of("salt", group, 0.2) for group in groups]
    assert 900 < ours.count("test") < 1100
    assert ours != [side_of("pepper", group, 0.2) for group in groups]
