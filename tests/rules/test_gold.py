from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from btm.rules.gold import (
    HASTY_UNPROVEN,
    LEAK_CHANCE,
    MOST_REVEALED,
    choose_label,
    gold_rate,
    is_leaked,
    may_become_gold,
    seen_by_too_many,
    serves_gold,
    upper_tail,
    wilson_lower,
)
from btm.rules.settings import ChallengeRules

RULES = ChallengeRules()
dices = st.floats(0, 1, exclude_max=True)


@st.composite
def answers(draw: st.DrawFn) -> tuple[int, int]:
    asked = draw(st.integers(0, 300))
    return draw(st.integers(0, asked)), asked


@given(answers(), st.floats(0, 1))
def test_the_rate_stays_between_floor_and_start(answered: tuple[int, int], hasty: float) -> None:
    rate = gold_rate(*answered, RULES, hasty_share=hasty)
    assert RULES.gold_rate_floor <= rate <= RULES.gold_rate_start


@given(answers())
def test_a_right_answer_never_raises_the_rate_and_a_wrong_one_never_lowers_it(
    answered: tuple[int, int],
) -> None:
    right, asked = answered
    before = gold_rate(right, asked, RULES)
    assert gold_rate(right + 1, asked + 1, RULES) <= before + 1e-12
    assert gold_rate(right, asked + 1, RULES) >= before - 1e-12


@pytest.mark.parametrize(
    ("right", "asked", "low", "high"),
    [
        (0, 0, 0.4, 0.4),
        (5, 5, 0.4, 0.4),
        (6, 6, 0.37, 0.4),
        (12, 12, 0.15, 0.25),
        (19, 19, 0.1, 0.12),
        (20, 20, 0.1, 0.1),
        (500, 500, 0.1, 0.1),
        (90, 100, 0.1, 0.14),
        (0, 40, 0.4, 0.4),
        (60, 100, 0.4, 0.4),
        (140, 200, 0.3, 0.4),
    ],
)
def test_the_rate_falls_as_quality_is_proven_and_not_before(
    right: int, asked: int, low: float, high: float
) -> None:
    assert low <= gold_rate(right, asked, RULES) <= high


def test_as_many_right_answers_as_set_are_the_first_to_reach_the_floor() -> None:
    for proof in (10, 20, 50):
        rules = replace(RULES, gold_proof_answers=proof)
        rates = [gold_rate(n, n, rules) for n in range(proof + 5)]
        assert rates.index(rules.gold_rate_floor) == proof


def test_where_more_is_asked_of_a_judge_than_the_proof_shows_the_rate_still_ends_at_the_floor() -> None:
    rules = replace(RULES, min_gold_accuracy=0.95)
    assert gold_rate(19, 19, rules) == rules.gold_rate_start
    assert gold_rate(20, 20, rules) == rules.gold_rate_floor


@given(answers(), st.floats(0, 1), st.floats(0, 1))
def test_haste_only_raises_the_rate(answered: tuple[int, int], one: float, other: float) -> None:
    rates = [gold_rate(*answered, RULES, hasty_share=hasty) for hasty in (0.0, *sorted((one, other)))]
    assert rates == sorted(rates)


def test_a_proven_judge_who_hurries_is_tested_as_a_newcomer() -> None:
    assert gold_rate(50, 50, RULES, hasty_share=HASTY_UNPROVEN) == pytest.approx(RULES.gold_rate_start)
    assert gold_rate(50, 50, RULES, hasty_share=HASTY_UNPROVEN / 2) == pytest.approx(0.25)


@pytest.mark.parametrize(("right", "asked"), [(3, 2), (-1, 2), (0, -1)])
def test_more_right_than_asked_is_refused(right: int, asked: int) -> None:
    with pytest.raises(ValueError, match="right is"):
        gold_rate(right, asked, RULES)
    with pytest.raises(ValueError, match="right is"):
        is_leaked(asked, right, 1.0, RULES)


def test_wilsons_bound_is_what_tables_say() -> None:
    assert wilson_lower(0, 0) == 0
    assert wilson_lower(0, 10) == pytest.approx(0, abs=1e-12)
    assert wilson_lower(8, 10) == pytest.approx(0.4902, abs=1e-4)
    assert wilson_lower(20, 20) == pytest.approx(20 / (20 + 1.96**2))


def test_gold_is_served_as_often_as_the_rate_says() -> None:
    dice = np.random.default_rng(2).random(20_000)
    assert np.mean([serves_gold(d, 0.1) for d in dice]) == pytest.approx(0.1, abs=0.01)
    assert not any(serves_gold(d, 0) for d in (0.0, 0.5))
    assert all(serves_gold(d, 1) for d in (0.0, 0.999999))


@pytest.mark.parametrize(
    ("probability", "judgements", "agreeing", "may"),
    [
        (0.99, 3, 3, True),
        (0.97, 3, 3, True),
        (0.969, 3, 3, False),
        (0.99, 2, 2, True),
        (0.99, 1, 1, False),
        (0.999, 4, 3, False),
        (0.999, 7, 7, True),
        (1.0, 0, 0, False),
    ],
)
def test_only_a_sure_and_unanimous_verdict_becomes_gold(
    probability: float, judgements: int, agreeing: int, may: bool
) -> None:
    assert may_become_gold(probability, judgements, agreeing, RULES) is may


@pytest.mark.parametrize(
    ("asked", "right", "expected", "leaked"),
    [
        (20, 20, 14.0, True),  # .7 ** 20 = .0008
        (20, 20, 17.0, False),  # .85 ** 20 = .039: good judges, no surprise
        (20, 20, 19.9, False),
        (20, 14, 14.0, False),
        (20, 18, 14.0, False),  # .035
        (20, 19, 14.0, True),  # .0076
        (19, 19, 9.5, False),  # too few
        (40, 40, 34.0, True),  # .85 ** 40 = .0015
        (1000, 900, 850.0, True),
        (1000, 860, 850.0, False),
        (20, 0, 0.0, False),
        (20, 1, 0.0, True),
        (20, 20, 20.0, False),
        (20, 20, 21.0, False),
    ],
)
def test_gold_has_leaked_when_it_is_answered_better_than_these_judges_can(
    asked: int, right: int, expected: float, leaked: bool
) -> None:
    assert is_leaked(asked, right, expected, RULES) is leaked


def test_nothing_leaks_where_nothing_was_asked() -> None:
    assert not is_leaked(0, 0, 0.0, RULES)


@given(st.integers(20, 200), st.floats(0, 1), st.data())
def test_more_right_is_never_less_of_a_leak_and_no_more_than_expected_is_none(
    asked: int, chance: float, data: st.DataObject
) -> None:
    expected = asked * chance
    right = data.draw(st.integers(0, asked))
    if right < asked and is_leaked(asked, right, expected, RULES):
        assert is_leaked(asked, right + 1, expected, RULES)
    assert not is_leaked(asked, math.floor(expected), expected, RULES)


def test_honest_judges_of_unlike_skill_hardly_ever_look_like_a_leak() -> None:
    rng = np.random.default_rng(3)
    chances = rng.uniform(0.5, 0.95, 30)
    right = (rng.random((2000, 30)) < chances).sum(axis=1)
    found = np.mean([is_leaked(30, int(n), float(chances.sum()), RULES) for n in right])
    assert found <= LEAK_CHANCE


@given(st.integers(1, 60), st.floats(0.001, 0.999), st.data())
def test_the_tail_is_the_sum_of_its_terms(trials: int, chance: float, data: st.DataObject) -> None:
    successes = data.draw(st.integers(0, trials))
    terms = (
        math.comb(trials, n) * chance**n * (1 - chance) ** (trials - n) for n in range(successes, trials + 1)
    )
    assert upper_tail(successes, trials, chance) == pytest.approx(math.fsum(terms), abs=1e-9)


def test_the_tail_holds_for_very_many_answers() -> None:
    assert upper_tail(50_000, 100_000, 0.5) == pytest.approx(0.5, abs=0.01)


labels = st.sampled_from(["a", "b", "c", "d"])
counts = st.dictionaries(labels, st.integers(0, 5))


@given(counts, counts, dices)
def test_the_label_has_gold_and_none_that_has_was_asked_less(
    active: dict[str, int], asked: dict[str, int], dice: float
) -> None:
    chosen = choose_label(active, asked, dice)
    there = [label for label, items in active.items() if items > 0]
    if not there:
        assert chosen is None
    else:
        assert chosen in there
        assert asked.get(chosen, 0) == min(asked.get(label, 0) for label in there)


def test_among_equals_every_label_comes_as_often_however_much_gold_it_has() -> None:
    active, asked = {"hate": 1, "fine": 90, "spam": 9, "adult": 9}, {"adult": 1}
    dice = np.random.default_rng(4).random(6000)
    chosen = [choose_label(active, asked, float(d)) for d in dice]
    for label in ("hate", "fine", "spam"):
        assert chosen.count(label) / 6000 == pytest.approx(1 / 3, abs=0.03)
    assert choose_label(active, asked, 1.0) is not None


def test_the_order_in_which_labels_are_named_does_not_matter() -> None:
    assert choose_label({"a": 1, "b": 1}, {}, 0.7) == choose_label({"b": 1, "a": 1}, {}, 0.7) == "b"


def test_gold_told_to_many_is_retired() -> None:
    assert not seen_by_too_many(0)
    assert not seen_by_too_many(MOST_REVEALED - 1)
    assert seen_by_too_many(MOST_REVEALED)
