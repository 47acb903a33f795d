"""Paying by file."""

from __future__ import annotations

import pytest

from btm.platforms.directory import platform_named
from btm.platforms.platform import Payment
from btm.rules.errors import NotFound

PAYMENT = Payment(key="payout:1:7", worker="ada", assignment="", cents=120, reason="Finds of this week")


@pytest.mark.parametrize("name", ["local", "link"])
def test_a_payment_by_file_says_so_and_is_the_same_however_often_it_is_made(name: str) -> None:
    platform = platform_named(name, settings=None)
    assert platform.name == name
    assert platform.pay(PAYMENT) == platform.pay(PAYMENT)
    assert "bank" in platform.pay(PAYMENT).note
    assert platform.find_payment(PAYMENT) is None


def test_an_unknown_platform_is_named_with_those_there_are() -> None:
    with pytest.raises(NotFound, match=r"'mechanical'.*local, link, mturk, prolific"):
        platform_named("mechanical", None)
