from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import beta

from btm.rules import priority
from btm.rules.repeated_labelling import (
    LEAST_WORTH,
    both,
    label_uncertainty,
    model_uncertainty,
    score,
    worth,
)


@pytest.mark.parametrize(
    ("counts", "by_hand"),
    [
        ((0, 0), 0.5),
        ((1, 0), 0.25),  # the density 2x, up to 1/2
        ((0, 1), 0.25),
        ((2, 0), 0.125),  # 3x^2
        ((3, 0), 0.0625),
        ((1, 1), 0.5),
        ((2, 1), 0.3125),  # 12 x^2 (1 - x): 4/8 - 3/16
        ((3, 2), 0.34375),  # of six coins at least four: (15 + 6 + 1) / 64
        ((5, 0, 0), 0.015625),
        ((2, 1, 1), 0.3125),
        ((0, 2, 1), 0.3125),
    ],
)
def test_label_uncertainty_is_the_tail_below_one_half(counts: tuple[int, ...], by_hand: float) -> None:
    assert label_uncertainty(counts) == pytest.approx(by_hand, abs=1e-12)


@given(st.integers(0, 60), st.integers(0, 60))
def test_label_uncertainty_agrees_with_the_beta_distribution(a: int, b: int) -> None:
    tail = float(beta.cdf(0.5, a + 1, b + 1))
    assert label_uncertainty((a, b)) == pytest.approx(min(tail, 1 - tail), abs=1e-9)


@given(st.lists(st.integers(0, 30), min_size=2, max_size=5))
def test_agreement_lowers_it_and_the_names_of_labels_do_not_matter(counts: list[int]) -> None:
    found = label_uncertainty(counts)
    assert 0 < found <= 0.5
    assert label_uncertainty(counts[::-1]) == found
    top = counts.index(max(counts))
    counts[top] += 1
    assert label_uncertainty(counts) <= found


@pytest.mark.parametrize(
    ("probabilities", "expected"),
    [((0.5, 0.5), 0.5), ((0.9, 0.1), 0.1), ((0.3, 0.7), 0.3), ((1.0, 0.0), 0.0), ((0.2, 0.5, 0.3), 0.5)],
)
def test_model_uncertainty_is_what_the_model_gives_to_its_being_wrong(
    probabilities: tuple[float, ...], expected: float
) -> None:
    assert model_uncertainty(probabilities) == pytest.approx(expected)
    if len(probabilities) == 2:
        assert model_uncertainty(probabilities) == pytest.approx(0.5 - abs(probabilities[0] - 0.5))


def test_both_is_the_geometric_mean() -> None:
    assert both(0.25, 0.36) == pytest.approx(0.3)
    assert both(0.5, 0.0) == 0.0
    with pytest.raises(ValueError, match="below 0"):
        both(-0.1, 0.2)


def test_a_score_is_the_ranking_asked_for_and_labels_alone_without_a_model() -> None:
    assert score("lu", (1, 0), 0.36) == 0.25
    assert score("mu", (1, 0), 0.36) == 0.36
    assert score("lmu", (1, 0), 0.36) == pytest.approx(0.3)
    assert score("lmu", (1, 0), None) == score("mu", (1, 0), None) == 0.25
    with pytest.raises(ValueError, match="no ranking"):
        score("random", (1, 0), 0.1)


def test_what_a_score_is_worth_keeps_the_order_and_starves_nobody() -> None:
    scores = np.linspace(0, 0.8, 50)
    worths = [worth(float(each)) for each in scores]
    assert worths == sorted(worths)
    assert (min(worths), max(worths)) == (LEAST_WORTH, 1.0)
    least = priority.LABEL_FLOOR * priority.MODEL_FLOOR * priority.STAKE_FLOOR
    assert math.isclose(LEAST_WORTH, least)


@pytest.mark.parametrize("counts", [(), (3,), (-1, 2)])
def test_what_is_no_multiset_is_refused(counts: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"two labels|never"):
        label_uncertainty(counts)
