from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from btm.rules.scoring import bonus, novelty, ordinal_cost, severity

X, R, PG, G = range(4)
ANCHORS = (0, 375, 675, 1000)
ORDINAL = ordinal_cost(ANCHORS)
PLAIN = [[0, 1], [1, 0]]

share = st.floats(0, 1, allow_nan=False)


@st.composite
def beliefs(draw: st.DrawFn, labels: int = 4) -> np.ndarray:
    weights = draw(arrays.arrays(float, labels, elements=st.floats(0.001, 1)))
    return np.asarray(weights / weights.sum())


@st.composite
def costs(draw: st.DrawFn, labels: int = 4) -> np.ndarray:
    cost = draw(arrays.arrays(float, (labels, labels), elements=st.floats(0, 100)))
    np.fill_diagonal(cost, 0)
    return np.asarray(cost)


@pytest.mark.parametrize(
    ("probabilities", "truth", "points"),
    [
        ((0, 0, 0, 1), X, 1000),
        ((0, 0, 1, 0), X, 675),
        ((0, 1, 0, 0), X, 375),
        ((1, 0, 0, 0), X, 0),
        ((1, 0, 0, 0), G, 1000),
        ((0, 1, 0, 0), G, 625),
        ((0, 0, 1, 0), G, 325),
        ((0.1, 0.2, 0.3, 0.4), X, round(0.2 * 375 + 0.3 * 675 + 0.4 * 1000)),
        ((0.5, 0.25, 0.125, 0.125), G, round(0.5 * 1000 + 0.25 * 625 + 0.125 * 325)),
        ((0.05, 0.05, 0.2, 0.7), X, round(0.05 * 375 + 0.2 * 675 + 700)),
    ],
)
def test_the_ordinal_bonus_of_2011_is_reproduced_to_the_point(
    probabilities: tuple[float, ...], truth: int, points: int
) -> None:
    assert bonus(severity(probabilities, truth, ORDINAL), 1.0, sharpness=1) == points


@given(beliefs())
def test_at_an_end_of_the_scale_it_is_the_expected_distance_of_2011(probabilities: np.ndarray) -> None:
    expected = sum(p * anchor for p, anchor in zip(probabilities, ANCHORS, strict=True))
    assert bonus(severity(probabilities, X, ORDINAL), 1.0, sharpness=1) == pytest.approx(
        expected, abs=0.5 + 1e-6
    )


@given(share)
def test_of_two_labels_it_is_the_probability_of_the_wrong_one(p: float) -> None:
    assert severity((p, 1 - p), 0, PLAIN) == pytest.approx(1 - p)
    assert severity((p, 1 - p), 1, [[0, 7], [7, 0]]) == pytest.approx(p)


@given(beliefs(), costs(), st.integers(0, 3), st.floats(0.01, 100))
def test_severity_is_a_share_whatever_the_unit_of_cost(
    probabilities: np.ndarray, cost: np.ndarray, truth: int, unit: float
) -> None:
    found = severity(probabilities, truth, cost)
    assert 0 <= found <= 1
    assert severity(probabilities, truth, cost * unit) == pytest.approx(found, abs=1e-9)


@given(costs(), st.integers(0, 3))
def test_a_machine_that_is_certain_and_right_is_not_wrong_at_all(cost: np.ndarray, truth: int) -> None:
    assert severity(np.eye(4)[truth], truth, cost) == 0


def test_where_no_mistake_costs_anything_none_is_severe() -> None:
    assert severity((0.1, 0.9), 0, np.zeros((2, 2))) == 0


@pytest.mark.parametrize(
    ("probabilities", "truth", "cost"),
    [
        ((0.5, 0.6), 0, PLAIN), ((0.2, 0.2), 0, PLAIN), ((-0.1, 1.1), 0, PLAIN), ((float("nan"), 1), 0, PLAIN),
        ((float("inf"), 0), 0, PLAIN), ((1.0,), 0, [[0]]), ((), 0, PLAIN), (((0.5, 0.5),), 0, PLAIN),
        ((0.5, 0.5), 2, PLAIN), ((0.5, 0.5), -1, PLAIN), ((0.5, 0.5), 0, [[0, -1], [1, 0]]),
        ((0.5, 0.5), 0, [[0, float("nan")], [1, 0]]), ((0.5, 0.5), 0, [[0, 1, 2], [1, 0, 2]]), ((0.2, 0.3, 0.5), 0, PLAIN),
    ],
)  # fmt: skip
def test_what_is_no_belief_no_label_or_no_cost_is_refused(
    probabilities: object, truth: int, cost: object
) -> None:
    with pytest.raises(ValueError, match=r"\w+"):
        severity(probabilities, truth, cost)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("s", "n", "options", "points"),
    [
        (1, 1, {}, 1000), (0.5, 1, {}, 250), (0.5, 1, {"sharpness": 1}, 500), (0, 1, {}, 0), (1, 0.2, {}, 200),
        (1, 1, {"max_bonus": 375}, 375), (1, 1, {"prevalence_weight": 3}, 1000), (0.5, 1, {"prevalence_weight": 2}, 500),
        (0.96, 1, {}, 922), (1, 1, {"prevalence_weight": 0}, 0), (1, 1, {"max_bonus": 0}, 0),
    ],
)  # fmt: skip
def test_a_bonus_is_worked_out_as_published(
    s: float, n: float, options: dict[str, float], points: int
) -> None:
    assert bonus(s, n, **options) == points  # type: ignore[arg-type]


@given(share, share, share, st.integers(0, 10_000), st.floats(0.1, 10), st.floats(0, 10))
def test_a_bonus_never_falls_with_severity_or_novelty_and_never_passes_its_maximum(
    a: float, b: float, n: float, most: int, sharpness: float, weight: float
) -> None:
    low, high = sorted((a, b))
    rest = {"max_bonus": most, "sharpness": sharpness, "prevalence_weight": weight}
    assert 0 <= bonus(low, n, **rest) <= bonus(high, n, **rest) <= most  # type: ignore[arg-type]
    assert bonus(n, low, **rest) <= bonus(n, high, **rest)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("s", "n", "options"),
    [
        (-0.1, 1, {}), (1.1, 1, {}), (1, -0.1, {}), (1, 1.1, {}), (float("nan"), 1, {}), (1, float("nan"), {}),
        (1, 1, {"sharpness": 0}), (1, 1, {"sharpness": float("inf")}), (1, 1, {"prevalence_weight": -1}),
        (1, 1, {"prevalence_weight": float("nan")}), (1, 1, {"max_bonus": -1}),
    ],
)  # fmt: skip
def test_a_bonus_of_nonsense_is_refused(s: float, n: float, options: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"\w+"):
        bonus(s, n, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("q", "floor", "expected"), [(0, 0.2, 1), (1, 0.2, 0.2), (0.5, 0.2, 0.6), (1, 0, 0), (1, 1, 1)]
)
def test_novelty_goes_from_one_to_its_floor(q: float, floor: float, expected: float) -> None:
    assert novelty(q, floor) == pytest.approx(expected)


@given(share, share, share)
def test_novelty_falls_as_an_error_becomes_foreseeable_and_stays_above_its_floor(
    a: float, b: float, floor: float
) -> None:
    low, high = sorted((a, b))
    assert floor - 1e-12 <= novelty(high, floor) <= novelty(low, floor) <= 1


@pytest.mark.parametrize("q", [-0.1, 1.1, float("nan")])
def test_novelty_of_nonsense_is_refused(q: float) -> None:
    with pytest.raises(ValueError, match="foreseeable"):
        novelty(q)
