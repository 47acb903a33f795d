from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from btm.rules.audit import NOTHING, allocate, bins, draw, stratified_share, wilson


@given(st.lists(st.floats(0, 1), min_size=1, max_size=50), st.integers(1, 12))
def test_every_page_is_in_the_bin_between_whose_edges_it_lies(costs: list[float], k: int) -> None:
    index, edges = bins(costs, k)
    assert len(edges) == k + 1
    assert set(index.tolist()) <= set(range(k))
    for cost, place in zip(costs, index, strict=True):
        assert edges[place] <= cost <= edges[place + 1] or edges[0] == edges[-1]


def test_bins_have_equal_width() -> None:
    index, edges = bins([0.0, 0.09, 0.1, 0.25, 0.5], 5)
    assert edges.tolist() == pytest.approx([0, 0.1, 0.2, 0.3, 0.4, 0.5])
    assert index.tolist() == [0, 0, 1, 2, 4]


def test_pages_that_all_cost_the_same_are_in_one_bin() -> None:
    assert bins([0.2, 0.2, 0.2], 4).indices.tolist() == [0, 0, 0]


@pytest.mark.parametrize(("costs", "k"), [([], 3), ([0.1], 0), ([float("nan")], 2), ([[0.1]], 2)])
def test_what_cannot_be_cut_is_said(costs: list[float], k: int) -> None:
    with pytest.raises(ValueError, match=r"bins|number"):
        bins(costs, k)


@pytest.mark.parametrize(
    ("counts", "wanted", "given_out"),
    [
        ([100, 100, 100, 100], 40, [10, 10, 10, 10]),
        ([100, 3, 100, 100], 40, [12, 3, 12, 13]),
        ([1000, 2, 0, 1], 30, [27, 2, 0, 1]),
        ([5, 5], 100, [5, 5]),
        ([5, 5, 5], 2, [0, 1, 1]),
        ([5, 5], 0, [0, 0]),
        ([], 10, []),
    ],
)
def test_each_bin_gives_as_much_as_the_others_as_far_as_it_can(
    counts: list[int], wanted: int, given_out: list[int]
) -> None:
    assert allocate(counts, wanted) == given_out


@given(st.lists(st.integers(0, 60), max_size=8), st.integers(0, 300))
def test_what_is_given_out_is_what_was_wanted_or_all_that_there_is(counts: list[int], wanted: int) -> None:
    given_out = allocate(counts, wanted)
    assert sum(given_out) == min(wanted, sum(counts))
    assert all(0 <= a <= b for a, b in zip(given_out, counts, strict=True))
    unfilled = [a for a, b in zip(given_out, counts, strict=True) if a < b]
    assert not unfilled or max(given_out) - min(unfilled) <= 1


@pytest.mark.parametrize(("counts", "wanted"), [([-1], 2), ([1], -1)])
def test_numbers_below_zero_are_refused(counts: list[int], wanted: int) -> None:
    with pytest.raises(ValueError, match="negative"):
        allocate(counts, wanted)


@given(st.lists(st.integers(0, 4), min_size=1, max_size=60), st.integers(0, 60), st.integers(0, 2**32 - 1))
def test_pages_are_drawn_from_their_own_bins_and_once(index: list[int], wanted: int, seed: int) -> None:
    allocation = allocate([index.count(each) for each in range(5)], wanted)
    drawn = draw(index, allocation, np.random.default_rng(seed))
    assert [len(each) for each in drawn] == allocation
    for each, places in enumerate(drawn):
        assert places == sorted(set(places))
        assert all(index[place] == each for place in places)
    assert drawn == draw(index, allocation, np.random.default_rng(seed))


def test_every_page_of_a_bin_is_as_likely() -> None:
    random = np.random.default_rng(1)
    often = np.zeros(10)
    for _ in range(4000):
        often[draw([0] * 10, [3], random)[0]] += 1
    assert np.abs(often - 1200).max() < 100


def test_more_than_a_bin_holds_cannot_be_drawn() -> None:
    with pytest.raises(ValueError, match="holds 1"):
        draw([0, 1], [2, 0], np.random.default_rng(0))


def test_wilsons_interval_is_the_published_one() -> None:
    share = wilson(8, 10)
    assert (share.low, share.high) == (pytest.approx(0.4902, abs=1e-4), pytest.approx(0.9433, abs=1e-4))
    assert wilson(0, 20) == (0, 0, pytest.approx(0.1611, abs=1e-4))
    assert wilson(0, 0) == NOTHING


def test_each_bin_counts_by_its_part_of_the_pool() -> None:
    share = stratified_share([900, 100], [50, 50], [1, 25])
    assert share.value == pytest.approx(0.9 * 0.02 + 0.1 * 0.5)
    assert share.low < share.value < share.high  # type: ignore[operator]


def test_one_bin_is_a_simple_sample() -> None:
    share, simple = stratified_share([10**9], [400], [40]), wilson(40, 400)
    assert (share.low, share.high) == (
        pytest.approx(simple.low, abs=1e-3), pytest.approx(simple.high, abs=1e-3),
    )  # fmt: skip


def test_a_pool_that_was_read_whole_leaves_nothing_open() -> None:
    assert stratified_share([10, 5], [10, 5], [2, 1]) == (0.2, 0.2, 0.2)


@pytest.mark.parametrize("hits", [[0, 0], [20, 20]])
def test_no_hit_at_all_is_not_certainty(hits: list[int]) -> None:
    share = stratified_share([500, 500], [20, 20], hits)
    assert share.high - share.low > 0.05  # type: ignore[operator]


def test_a_bin_that_nobody_looked_at_may_hold_anything() -> None:
    known = stratified_share([500, 500], [50, 50], [5, 5])
    half = stratified_share([500, 500], [50, 0], [5, 0])
    assert half.value == known.value
    assert half.high - half.low > 0.5  # type: ignore[operator]
    assert stratified_share([10, 10], [0, 0], [0, 0]) == NOTHING
    assert stratified_share([], [], []) == NOTHING


@pytest.mark.parametrize(
    "wrong", [([10], [11], [1]), ([10], [5], [6]), ([10], [5], [-1]), ([10], [5, 5], [1])]
)
def test_bins_that_contradict_themselves_are_refused(wrong: tuple[list[int], list[int], list[int]]) -> None:
    with pytest.raises(ValueError, match="bin"):
        stratified_share(*wrong)


@given(
    st.lists(
        st.tuples(st.integers(0, 500), st.floats(0, 1), st.floats(0, 1)).map(
            lambda each: (each[0], int(each[0] * each[1]), int(int(each[0] * each[1]) * each[2]))
        ),
        min_size=1,
        max_size=6,
    )
)
def test_the_interval_holds_the_share_and_stays_within_0_and_1(strata: list[tuple[int, int, int]]) -> None:
    share = stratified_share(*(list(each) for each in zip(*strata, strict=True)))
    if share.value is None:
        assert all(judged == 0 for _, judged, _ in strata)
    else:
        assert 0 <= share.low <= share.value + 1e-9  # type: ignore[operator]
        assert share.value - 1e-9 <= share.high <= 1 + 1e-9  # type: ignore[operator]


@pytest.mark.parametrize("truth", [[0.02, 0.05, 0.1, 0.3, 0.5], [0.001, 0.002, 0.01, 0.05, 0.4]])
def test_the_interval_holds_the_truth_about_as_often_as_it_says(truth: list[float]) -> None:
    random = np.random.default_rng(7)
    pool, judged = [6000, 2000, 1000, 700, 300], [50] * 5
    true = float(np.asarray(pool) @ np.asarray(truth) / sum(pool))
    inside = 0
    for _ in range(600):
        share = stratified_share(pool, judged, random.binomial(judged, truth).tolist())
        inside += share.low <= true <= share.high  # type: ignore[operator]
    assert inside / 600 > 0.92
