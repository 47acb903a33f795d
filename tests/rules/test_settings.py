from __future__ import annotations

import pytest

from btm.rules.errors import Invalid
from btm.rules.settings import BOUNDS, WHOLE, ChallengeRules, changes, rules_from


def test_the_defaults_are_the_published_ones() -> None:
    rules = ChallengeRules()
    assert (rules.max_bonus, rules.sharpness, rules.novelty_floor, rules.points_per_usd) == (
        1000,
        2.0,
        0.2,
        5000,
    )
    assert (rules.min_judgements, rules.max_judgements, rules.max_expected_cost) == (2, 7, 0.05)
    assert (rules.verdict_days, rules.base_pay / rules.points_per_usd) == (7.0, 0.002)


def test_every_setting_has_bounds_and_its_default_lies_within() -> None:
    from dataclasses import asdict

    assert set(BOUNDS) == set(asdict(ChallengeRules()))


@pytest.mark.parametrize("name", sorted(BOUNDS))
def test_every_setting_is_taken_at_its_bounds_and_refused_beyond(name: str) -> None:
    low, high = BOUNDS[name]
    whole = int if name in WHOLE else float
    companions = (
        {"min_quote": 0} if name == "max_bonus" else {"max_bonus": 10_000_000} if name == "min_quote" else {}
    )
    companions |= {"max_judgements": 50} if name == "min_judgements" else {}
    companions |= {"min_judgements": 1} if name == "max_judgements" else {}
    companions |= {"gold_rate_floor": 0} if name == "gold_rate_start" else {}
    companions |= {"gold_rate_start": 0.9} if name == "gold_rate_floor" else {}
    for value in (low, high):
        rules_from({**companions, name: whole(value)})
    for value in (whole(low) - 1, whole(high) + 1, "5", None, True, float("nan")):
        with pytest.raises(Invalid):
            rules_from({**companions, name: value})


def test_a_setting_that_is_none_is_named() -> None:
    with pytest.raises(Invalid, match="'sharpnes' is not a setting"):
        rules_from({"sharpnes": 1})


def test_points_are_whole() -> None:
    with pytest.raises(Invalid, match="whole number"):
        rules_from({"max_bonus": 99.5})


@pytest.mark.parametrize(
    "stored", [{"min_judgements": 8}, {"gold_rate_floor": 0.5}, {"min_quote": 1001}, {"max_judgements": 1}]
)
def test_settings_that_contradict_each_other_are_refused(stored: dict[str, object]) -> None:
    with pytest.raises(Invalid):
        rules_from(stored)


def test_only_what_differs_is_stored_and_comes_back_the_same() -> None:
    rules = ChallengeRules(sharpness=1.0, max_bonus=500)
    assert changes(rules) == {"sharpness": 1.0, "max_bonus": 500}
    assert rules_from(changes(rules)) == rules
    assert changes(ChallengeRules()) == {}
