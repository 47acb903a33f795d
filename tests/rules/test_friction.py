from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from btm.rules.friction import Friction, friction, friction_share
from btm.rules.settings import ChallengeRules

OFF = ChallengeRules()
ON = replace(OFF, friction_share=0.5)
dices = st.floats(0, 1, exclude_max=True)


@given(st.floats(0, 1), dices)
def test_it_is_off_by_default(quality: float, dice: float) -> None:
    assert friction(quality, OFF, dice) is None


@given(dices)
def test_who_is_not_known_or_good_enough_meets_none(dice: float) -> None:
    assert friction(None, ON, dice) is None
    assert friction(ON.friction_quality, ON, dice) is None
    assert friction(0.9, ON, dice) is None


@pytest.mark.parametrize(
    ("quality", "share"), [(0.3, 0), (0.27, 0.05), (0.15, 0.25), (0.03, 0.45), (0, 0.5), (-0.2, 0.5)]
)
def test_its_share_grows_in_proportion_to_what_is_missing(quality: float, share: float) -> None:
    assert friction_share(quality, ON) == pytest.approx(share)
    dice = np.random.default_rng(1).random(8000)
    met = [friction(quality, ON, float(d)) for d in dice]
    assert np.mean([found is not None for found in met]) == pytest.approx(share, abs=0.02)


def test_half_are_pauses_of_the_seconds_set_and_half_are_questions() -> None:
    dice = np.random.default_rng(2).random(4000)
    met = [found for d in dice if (found := friction(0, ON, float(d))) is not None]
    pause, question = Friction("wait", ON.friction_seconds), Friction("question", 0.0)
    assert set(met) == {pause, question}
    assert met.count(pause) / len(met) == pytest.approx(0.5, abs=0.05)


@given(st.floats(0, 1), st.floats(0, 1), dices)
def test_the_better_judge_never_meets_it_where_the_worse_does_not(
    one: float, other: float, dice: float
) -> None:
    if friction(max(one, other), ON, dice) is not None:
        assert friction(min(one, other), ON, dice) is not None


def test_where_no_quality_is_too_low_there_is_none() -> None:
    assert friction(0, replace(ON, friction_quality=0.0), 0.0) is None
    assert friction(-0.5, replace(ON, friction_quality=0.0), 0.0) is None
