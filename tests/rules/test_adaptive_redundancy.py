"""Judgements are asked for where they are worth most, until they suffice: what that saves on real data."""

from __future__ import annotations

import numpy as np
import pytest

from bench.redundancy import Replay, five_each, majority
from btm.rules.settings import ChallengeRules

from .crowd import crowd

CLASSES, COST = ["no", "yes"], 1 - np.eye(2)
EASY = (["a", "b", "c"] * 2, ["p"] * 3 + ["q"] * 3, ["yes", "yes", "yes", "yes", "no", "yes"])


def replay(columns: tuple[list[str], list[str], list[str]], seed: int = 0, **options: int) -> Replay:
    return Replay(columns, CLASSES, COST, ChallengeRules(), np.random.default_rng(seed), **options)


@pytest.mark.parametrize("seed", range(5))
def test_an_item_on_which_two_agree_is_done_and_the_divided_one_gets_the_third(seed: int) -> None:
    played = replay(EASY, seed)
    curve = played.run([], {"p": "yes", "q": "yes"})
    heard = {item: belief.judgements for item, belief in zip("pq", played.beliefs, strict=True)}
    assert heard["p"] == 2
    assert heard["q"] in (2, 3)
    assert curve == {sum(heard.values()): 1.0}


def test_the_run_is_the_same_with_the_same_randomness_and_asks_nobody_twice() -> None:
    one, two = replay(EASY), replay(EASY)
    assert one.run([1, 3], {"p": "yes"}) == two.run([1, 3], {"p": "yes"})
    assert one.asked == two.asked
    assert len(set(one.asked)) == len(one.asked)


def test_majority_of_five_counts_ties_in_part() -> None:
    tied = (["a", "b", "a"], ["p", "p", "q"], ["yes", "no", "no"])
    assert majority(tied, CLASSES, {"p": "yes", "q": "no"}, 5, 0) == pytest.approx(0.75)
    assert five_each(tied) == 3


@pytest.mark.data
def test_on_rte_the_default_rules_are_righter_than_five_each_with_three_fifths_of_the_judgements() -> None:
    columns, gold = crowd("rte")
    fives = np.mean([majority(columns, CLASSES, gold, 5, seed) for seed in range(20)])
    budget = round(0.6 * five_each(columns))
    assert budget == 2400
    runs = [replay(columns, seed) for seed in range(5)]
    right = [run.run([budget], gold)[budget] for run in runs]
    assert min(right) >= fives
    assert np.mean(right) >= fives + 0.02
    for run in runs:
        assert max(belief.judgements for belief in run.beliefs) <= ChallengeRules().max_judgements
        assert len(set(run.asked)) == len(run.asked) < 0.75 * five_each(columns)
