from __future__ import annotations

from datetime import UTC, datetime

import pytest

from btm.rules.errors import Invalid
from btm.rules.webhooks import WAITS, check_events, is_low, next_try, signature

NOW = datetime(2026, 11, 4, 12, tzinfo=UTC)


def test_a_signature_is_of_the_moment_and_the_body() -> None:
    # printf '1700000000.{}' | openssl dgst -sha256 -hmac key
    told = signature("key", 1_700_000_000, b"{}")
    assert told.startswith("t=1700000000,v1=")
    assert (
        len(
            {
                told,
                signature("key", 1_700_000_001, b"{}"),
                signature("key", 1_700_000_000, b"{ }"),
                signature("other", 1_700_000_000, b"{}"),
            }
        )
        == 4
    )


def test_a_delivery_is_tried_ever_more_seldom_and_then_no_more() -> None:
    moments = [next_try(tries, NOW) for tries in range(1, len(WAITS) + 2)]
    assert moments[-1] is None
    known = [each for each in moments if each is not None]
    assert known == sorted(known)
    assert len(known) == len(WAITS)


@pytest.mark.parametrize("events", [[], ["nonsense"], ["verdict", "nonsense"]])
def test_events_that_are_not_there_are_refused(events: list[str]) -> None:
    with pytest.raises(Invalid):
        check_events(events)


def test_events_are_kept_once_and_in_order() -> None:
    assert check_events(["budget_low", "verdict", "verdict"]) == ("verdict", "budget_low")


def test_a_budget_is_low_when_it_no_longer_pays_for_ten_finds() -> None:
    assert is_low(9_999, 1000)
    assert not is_low(10_000, 1000)
