from __future__ import annotations

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st

from btm.rules.quotes import AlreadyKnown, Quote, bonus_for_truth, make_quote
from btm.rules.settings import ChallengeRules

from .test_scoring import beliefs, costs, share

PLAIN = [[0, 1], [1, 0]]
RULES = ChallengeRules()


def quote(p_target: float, q: float = 0.0, rules: ChallengeRules = RULES) -> Quote | AlreadyKnown:
    return make_quote((p_target, 1 - p_target), 0, PLAIN, q, rules)


def test_confident_wrong_and_new_pays_high() -> None:
    found = quote(0.01)
    assert isinstance(found, Quote)
    assert (found.points, found.assigned, found.novelty) == (980, 1, 1.0)


def test_confident_wrong_and_known_pays_medium() -> None:
    found = quote(0.01, q=1.0)
    assert isinstance(found, Quote)
    assert found.points == 196


def test_unsure_pays_low() -> None:
    found = quote(0.6)
    assert isinstance(found, Quote)
    assert (found.points, found.assigned) == (160, 0)


def test_what_the_machine_knows_already_is_refused() -> None:
    assert quote(0.9) == AlreadyKnown(1 - 0.9, 10)


def test_an_undecided_machine_pays_a_quarter() -> None:
    found = quote(0.5)
    assert isinstance(found, Quote)
    assert found.points == 250


@given(share, share, share)
def test_a_surer_mistake_never_pays_less(a: float, b: float, q: float) -> None:
    low, high = sorted((a, b))
    rules = ChallengeRules(min_quote=0)
    surer, less_sure = quote(low, q, rules), quote(high, q, rules)
    assert surer.points >= less_sure.points


@given(share, share, share)
def test_a_newer_mistake_never_pays_less(p: float, a: float, b: float) -> None:
    low, high = sorted((a, b))
    rules = ChallengeRules(min_quote=0)
    assert quote(p, low, rules).points >= quote(p, high, rules).points


@given(beliefs(), costs(), st.integers(0, 3), share, st.integers(1, 5000), st.floats(0, 5))
def test_a_quote_stays_within_its_maximum_and_its_reserve_covers_every_truth(
    probabilities: np.ndarray, cost: np.ndarray, target: int, q: float, most: int, weight: float
) -> None:
    assume(cost.max() > 0)
    rules = ChallengeRules(max_bonus=most, min_quote=0)
    found = make_quote(list(probabilities), target, cost, q, rules, weight)
    assert isinstance(found, Quote)
    assert 0 <= found.points <= most
    for truth in range(4):
        paid = bonus_for_truth(list(probabilities), truth, target, cost, found.novelty, weight, rules)
        assert paid <= found.reserve
    assert found.reserve >= max(found.points, rules.base_pay)


@given(beliefs(), st.integers(0, 3), share)
def test_a_quote_is_at_least_the_minimum_or_there_is_none(
    probabilities: np.ndarray, target: int, q: float
) -> None:
    cost = 1 - np.eye(4)
    found = make_quote(list(probabilities), target, cost, q, RULES)
    assert (found.points >= RULES.min_quote) == isinstance(found, Quote)


def test_a_wrong_claim_about_a_page_that_the_machine_is_right_about_pays_no_bonus() -> None:
    assert bonus_for_truth((0.1, 0.9), 1, 0, PLAIN, 1.0, 1.0, RULES) == 0


def test_a_right_claim_pays_although_the_machine_is_right_too() -> None:
    assert bonus_for_truth((0.6, 0.4), 0, 0, PLAIN, 1.0, 1.0, RULES) == 160
