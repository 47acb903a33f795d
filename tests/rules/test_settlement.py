from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from btm.rules.quotes import Quote, make_quote
from btm.rules.settings import ChallengeRules
from btm.rules.settlement import CommittedQuote, Settlement, difference, settle, settle_again, settle_overdue

from .test_scoring import beliefs, share

PLAIN = [[0, 1], [1, 0]]
RULES = ChallengeRules()
SURELY_WRONG = CommittedQuote(
    (0.02, 0.98), assigned=1, target=0, novelty=1.0, prevalence_weight=1.0, points=960
)


def test_a_right_claim_is_paid_the_quote() -> None:
    found = settle(SURELY_WRONG, 0, PLAIN, RULES, 0)
    assert (found.state, found.kind, found.points, found.is_error) == ("confirmed", "bonus", 960, True)


def test_a_wrong_claim_is_paid_the_base() -> None:
    found = settle(SURELY_WRONG, 1, PLAIN, RULES, 0)
    assert (found.state, found.kind, found.points, found.is_error) == ("rejected", "base", 10, False)


@pytest.mark.parametrize(("had", "points"), [(0, 10), (490, 10), (491, 0), (500, 0), (10_000, 0)])
def test_base_pay_stops_at_the_day_s_cap(had: int, points: int) -> None:
    assert settle(SURELY_WRONG, 1, PLAIN, RULES, had).points == points


def test_a_claim_that_the_machine_agrees_with_is_paid_and_is_no_error() -> None:
    quote = CommittedQuote((0.6, 0.4), 0, 0, 1.0, 1.0, 160)
    found = settle(quote, 0, PLAIN, RULES, 0)
    assert (found.state, found.points, found.is_error) == ("confirmed", 160, False)


def test_what_nobody_decided_is_paid_the_promise_and_teaches_nothing() -> None:
    found = settle_overdue(SURELY_WRONG)
    assert (found.state, found.kind, found.points, found.is_error) == ("undecided", "deadline", 960, False)


@given(beliefs(), st.integers(0, 3), share, st.integers(0, 3), st.integers(1, 20_000), st.floats(0.1, 10))
def test_a_committed_quote_never_falls_for_a_right_claim_nor_passes_the_reserve(
    probabilities: np.ndarray, target: int, q: float, truth: int, other_max: int, other_sharpness: float
) -> None:
    cost = 1 - np.eye(4)
    quote = make_quote(list(probabilities), target, cost, q, ChallengeRules(min_quote=0))
    assert isinstance(quote, Quote)
    committed = CommittedQuote(list(probabilities), quote.assigned, target, quote.novelty, 1.0, quote.points)
    found = settle(committed, truth, cost, RULES, 0)
    assert found.points <= quote.reserve
    if truth == target:
        changed = ChallengeRules(max_bonus=other_max, sharpness=other_sharpness, min_quote=0)
        assert found.points >= quote.points
        assert settle(committed, truth, cost, changed, 0).points >= quote.points
    assert found.is_error == (truth != quote.assigned)
    assert (found.state == "rejected") == (found.kind == "base")


@pytest.mark.parametrize(
    ("points", "had", "unpaid", "more", "back"),
    [
        (960, 0, 0, 960, 0), (960, 10, 10, 950, 0), (10, 960, 2000, 0, 950), (10, 960, 300, 0, 300), (10, 960, 0, 0, 0),
        (10, 960, -5, 0, 0), (960, 960, 960, 0, 0), (0, 0, 0, 0, 0),
    ],
)  # fmt: skip
def test_what_is_paid_or_taken_back_after_a_second_look(
    points: int, had: int, unpaid: int, more: int, back: int
) -> None:
    assert difference(points, had, unpaid) == (more, back)


@given(st.integers(0, 2000), st.integers(0, 2000), st.integers(0, 5000))
def test_a_second_look_leaves_what_the_page_is_worth_or_an_empty_account(
    points: int, had: int, other: int
) -> None:
    more, back = difference(points, had, had + other)
    assert had + more - back == points
    assert min(more, back) == 0
    assert had + other - back >= 0


def test_who_is_rejected_again_keeps_what_the_effort_brought() -> None:
    none_today = Settlement("rejected", "base", 0, False, 0.0)
    assert settle_again(none_today, "rejected", 10).points == 10
    assert settle_again(none_today, "confirmed", 960).points == 0
    won = Settlement("confirmed", "bonus", 500, True, 0.9)
    assert settle_again(won, "rejected", 10).points == 500
