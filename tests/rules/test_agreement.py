from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from btm.rules.agreement import alpha_interval, distance_from_cost, krippendorff_alpha
from btm.rules.scoring import ordinal_cost

from .crowd import crowd

# Krippendorff (2011), section C: four observers, twelve units, gaps.
OBSERVERS = ["123321412...", "1233224125.3", ".3332342251.", "12332441251."]
UNITS = [(unit, int(said)) for row in OBSERVERS for unit, said in enumerate(row) if said != "."]
ITEMS, LABELS = [unit for unit, _ in UNITS], [label for _, label in UNITS]
INTERVAL = (np.arange(5)[:, None] - np.arange(5)) ** 2


def ordinal() -> np.ndarray:
    """Krippendorff's ordinal distances: of the labels' ranks among the values that can be paired."""
    paired = [label for item, label in UNITS if ITEMS.count(item) > 1]
    n = [paired.count(label) for label in range(1, 6)]
    return np.array(
        [
            [(sum(n[min(a, b) : max(a, b) + 1]) - (n[a] + n[b]) / 2) ** 2 if a != b else 0 for b in range(5)]
            for a in range(5)
        ]
    )


METRICS = {
    "nominal": None,
    "ordinal": ordinal(),
    "interval": INTERVAL,
    "interval, in other units": 7 * INTERVAL,
}


@pytest.mark.parametrize(
    ("metric", "alpha"),
    [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849), ("interval, in other units", 0.849)],
)
def test_the_published_example_comes_out_as_published(metric: str, alpha: float) -> None:
    assert krippendorff_alpha(ITEMS, LABELS, METRICS[metric]) == pytest.approx(alpha, abs=0.0005)


def test_two_judges_of_two_items_by_hand() -> None:
    # p: x, x; q: x, y. Observed: one pair of two disagrees, 1/2. Chance: 2 * 3 * 1 / (4 * 3) = 1/2.
    assert krippendorff_alpha(["p", "p", "q", "q"], ["x", "x", "x", "y"]) == pytest.approx(0)
    assert krippendorff_alpha(["p", "p", "q", "q"], ["x", "x", "y", "y"]) == pytest.approx(1)
    # p and q split: observed 1, chance 2/3.
    assert krippendorff_alpha(["p", "p", "q", "q"], ["x", "y", "x", "y"]) == pytest.approx(-0.5)


@pytest.mark.parametrize(
    ("items", "labels"),
    [([], []), (["p", "q"], ["x", "y"]), (["p", "p", "q"], ["x", "x", "y"]), (["p", "p"], ["x", "x"])],
    ids=["nothing", "each judged once", "one label where there are two judgements", "one label"],
)
def test_what_cannot_be_told_is_not_a_number(items: Any, labels: Any) -> None:
    assert math.isnan(krippendorff_alpha(items, labels))
    assert all(math.isnan(end) for end in alpha_interval(items, labels, rng=np.random.default_rng(0)))


def test_a_cost_matrix_becomes_a_distance() -> None:
    apart = distance_from_cost([[0, 1, 4], [3, 0, 1], [4, 1, 0]])
    assert apart == pytest.approx(np.array([[0, 0.5, 1], [0.5, 0, 0.25], [1, 0.25, 0]]))
    assert not distance_from_cost(np.zeros((2, 2))).any()
    assert math.isnan(krippendorff_alpha(["p", "p"], ["x", "y"], distance_from_cost(np.zeros((2, 2)))))


def test_near_misses_count_less_where_labels_are_on_a_scale() -> None:
    items = np.repeat(np.arange(60), 2)
    near = np.stack((np.arange(60) % 4, np.minimum(np.arange(60) % 4 + 1, 3)), axis=1).ravel()
    scale = distance_from_cost(ordinal_cost([0, 1, 2, 3]))
    assert krippendorff_alpha(items, near, scale) > krippendorff_alpha(items, near) + 0.2


@pytest.mark.parametrize(
    ("distance", "says"),
    [
        ([[0, 1, 1], [1, 0, 1], [1, 1, 0]], "shape"),
        ([[0, 1], [2, 0]], "the same both ways"),
        ([[1, 1], [1, 0]], "0 on the diagonal"),
        ([[0, -1], [-1, 0]], "from 0 up"),
        ([[0, math.nan], [math.nan, 0]], "from 0 up"),
    ],
)
def test_what_is_no_distance_is_refused(distance: Any, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        krippendorff_alpha(["p", "p"], ["x", "y"], distance)


def test_what_is_no_cost_matrix_or_level_is_refused() -> None:
    with pytest.raises(ValueError, match="shape"):
        distance_from_cost([0, 1])
    with pytest.raises(ValueError, match="level"):
        alpha_interval(["p", "p"], ["x", "y"], rng=np.random.default_rng(0), level=1)


rows = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 2)), min_size=1, max_size=40)


@given(rows, st.permutations([0, 1, 2]), st.randoms(use_true_random=False))
def test_names_and_order_do_not_matter_and_items_judged_once_are_ignored(
    judged: list[tuple[int, int]], names: list[int], shuffle: Any
) -> None:
    alpha = krippendorff_alpha(*zip(*judged, strict=True), classes=[0, 1, 2])
    shuffle.shuffle(judged)
    renamed = [(-item, names[label]) for item, label in judged] + [(99, 0)]
    again = krippendorff_alpha(*zip(*renamed, strict=True), classes=[2, 0, 1])
    assert again == pytest.approx(alpha, nan_ok=True)
    assert math.isnan(alpha) or alpha <= 1


def answers(n: int, right: float, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    items = np.repeat(np.arange(n), 4)
    truth = rng.integers(0, 2, n)[items]
    return items, np.where(rng.random(4 * n) < right, truth, 1 - truth)


def test_the_interval_holds_the_truth_about_as_often_as_it_says() -> None:
    # Two even labels and judges who are right with .8 each: they disagree with 2 * .8 * .2 = .32, chance with .5.
    rng = np.random.default_rng(2)
    intervals = [alpha_interval(*answers(100, 0.8, rng), rng=rng, draws=300) for _ in range(150)]
    held = np.mean([low <= 1 - 0.32 / 0.5 <= high for low, high in intervals])
    assert 0.89 <= held <= 0.99


def test_the_interval_repeats_with_the_same_randomness_and_narrows() -> None:
    few, many = (answers(n, 0.8, np.random.default_rng(1)) for n in (50, 5000))
    one, two = (alpha_interval(*few, rng=np.random.default_rng(3)) for _ in range(2))
    narrow = alpha_interval(*many, rng=np.random.default_rng(3))
    assert one == two
    assert narrow[1] - narrow[0] < (one[1] - one[0]) / 5


@pytest.mark.data
def test_adult_sites_agreement_is_better_on_the_scale_than_by_name() -> None:
    (_, items, labels), _ = crowd("adult")
    by_name = krippendorff_alpha(items, labels, classes="GPRX")
    on_scale = krippendorff_alpha(items, labels, distance_from_cost(ordinal_cost([0, 1, 2, 3])), "GPRX")
    assert 0 < by_name < on_scale < 1
    low, high = alpha_interval(items, labels, classes="GPRX", rng=np.random.default_rng(0), draws=200)
    assert low < by_name < high < low + 0.05
