from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from btm.rules import money
from btm.rules.settings import ChallengeRules

points = st.integers(0, 10**9)


@given(points, st.integers(1, 10**6))
def test_within_the_game_every_entry_balances(amount: int, number: int) -> None:
    for entry in (
        money.reserve(number, amount),
        money.release(number, amount),
        money.pay("bonus", str(number), amount, "x"),
        money.pay_from_budget("judging", str(number), amount, "x"),
    ):
        assert entry.budget + entry.escrow + entry.worker == 0


def test_only_funding_and_payouts_cross_the_border() -> None:
    assert money.fund("x", 5, "x").budget == 5
    for kind in money.KINDS - money.BORDER:
        with pytest.raises(ValueError, match="makes or loses points"):
            money.Entry("k", kind, 1, 0, 0, "x")
    for kind in money.BORDER:
        money.Entry("k", kind, 1, 0, 0, "x")


def test_an_unknown_kind_is_no_entry() -> None:
    with pytest.raises(ValueError, match="no kind"):
        money.Entry("k", "gift", 0, 0, 0, "x")


@given(st.integers(1, 10**6), points)
def test_every_effect_on_a_submission_has_a_key_of_its_own(number: int, amount: int) -> None:
    keys = [
        money.reserve(number, amount).key, money.release(number, amount).key,
        *(money.pay(kind, str(number), amount, "x").key for kind in money.EARNINGS), money.fund(str(number), amount, "x").key,
    ]  # fmt: skip
    assert len(set(keys)) == len(keys)


@given(st.integers(1, 10**6), st.integers(1, 100), points)
def test_what_happens_when_a_page_is_judged_again_has_keys_of_its_own(
    number: int, turn: int, amount: int
) -> None:
    again = [
        money.reserve(number, amount, turn), money.reserve(number, amount, f"standing:{turn}"), money.release(number, amount, turn),
        money.pay("bonus", money.of_turn(number, turn), amount, "x"), money.take_back(money.of_turn(number, turn), amount, "x"),
    ]  # fmt: skip
    first = [
        money.reserve(number, amount), money.release(number, amount), money.pay("bonus", str(number), amount, "x")
    ]  # fmt: skip
    assert len({entry.key for entry in [*again, *first]}) == len(again) + len(first)


@given(points)
def test_what_is_taken_back_and_given_again_leaves_nothing(amount: int) -> None:
    taken, given_again = money.take_back("1", amount, "x"), money.take_back("2", -amount, "x")
    assert (taken.budget, taken.escrow, taken.worker) == (amount, 0, -amount)
    assert taken.worker + given_again.worker == taken.budget + given_again.budget == 0


def test_a_promise_paid_and_released_leaves_nothing() -> None:
    entries = [
        money.reserve(1, 1310), money.pay("judging", "1", 50, "x"), money.pay("judging", "2", 50, "x"),
        money.pay("bonus", "1", 960, "x"), money.release(1, 250),
    ]  # fmt: skip
    assert sum(entry.escrow for entry in entries) == 0
    assert sum(entry.budget for entry in entries) == -1060


def test_a_page_costs_at_most_its_reserve_and_all_its_judgements() -> None:
    assert money.whole_price(960, ChallengeRules()) == 960 + 7 * 50


@pytest.mark.parametrize(("amount", "rate", "usd"), [(5000, 5000, 1.0), (1, 5000, 0.0002), (-50, 100, -0.5)])
def test_points_are_worth_dollars_at_a_rate(amount: int, rate: int, usd: float) -> None:
    assert money.dollars(amount, rate) == pytest.approx(usd)
