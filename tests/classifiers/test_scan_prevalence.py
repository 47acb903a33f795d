"""How common a cluster is: intervals that hold what they promise, and weights that stay in bounds."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scan_fakes import plan

from classifiers.scan.prevalence import (
    Counts,
    Prevalence,
    counts_of,
    estimate,
    prevalence_weights,
    wilson,
)
from classifiers.scan.summary import Summary

RUNS = 400


def covered(draw: object, truth: float, found: bool = False) -> float:
    """How often the interval holds the truth, over seeded runs."""
    hits = 0
    for run in range(RUNS):
        rng = np.random.default_rng(run)
        counts, verified, known = draw(rng)  # type: ignore[operator]
        (each,) = estimate({"c": counts}, {"c": verified}, rng, {"c": known} if found else None)
        hits += each.low <= truth <= each.high
    return hits / RUNS


@pytest.mark.parametrize(
    ("pages", "suspect", "precision", "checked"),
    [
        (20_000, 0.01, 0.6, 50),
        (100_000, 0.001, 0.8, 30),
        (5_000, 0.02, 0.3, 100),
        (50_000, 0.004, 0.5, 10_000),
        (1_000_000, 0.0002, 0.7, 40),
    ],
)
def test_the_interval_holds_the_share_of_errors_as_often_as_it_says(
    pages: int, suspect: float, precision: float, checked: int
) -> None:
    def draw(rng: np.random.Generator) -> tuple[Counts, tuple[int, int], None]:
        suspects = int(rng.binomial(pages, suspect))
        errors = int(rng.binomial(suspects, precision))
        looked = min(checked, suspects)
        truly = int(rng.hypergeometric(errors, suspects - errors, looked)) if looked else 0
        return Counts(pages, suspects), (looked, truly), None

    assert 0.92 <= covered(draw, suspect * precision) <= 0.98


def test_the_interval_holds_when_errors_that_are_missed_are_reckoned_with() -> None:
    def draw(rng: np.random.Generator) -> tuple[Counts, tuple[int, int], tuple[int, int]]:
        errors = rng.binomial(50_000, 0.008)
        seen = int(rng.binomial(errors, 0.7))
        wrong = int(rng.binomial(50_000 - errors, 0.004))
        looked = min(60, seen + wrong)
        truly = int(rng.hypergeometric(seen, wrong, looked))
        return Counts(50_000, seen + wrong), (looked, truly), (80, int(rng.binomial(80, 0.7)))

    assert 0.92 <= covered(draw, 0.008, found=True) <= 0.98


def test_without_verdicts_the_interval_is_of_suspects() -> None:
    def draw(rng: np.random.Generator) -> tuple[Counts, tuple[int, int], None]:
        return Counts(10_000, int(rng.binomial(10_000, 0.004))), (0, 0), None

    assert 0.92 <= covered(draw, 0.004) <= 0.98
    (each,) = estimate({"c": Counts(10_000, 40)}, {}, np.random.default_rng(0))
    assert not each.verified
    assert each.share == 0.004
    assert each.per_million == pytest.approx(4000)


def blocks(rng: np.random.Generator, count: int, alike: float) -> Summary:
    """A crawl in blocks of 100 pages whose share of suspects varies from block to block (alike > 0) or does not."""
    summary = Summary(plan())
    for _ in range(count):
        share = rng.beta(0.02 / alike, 0.98 / alike) if alike else 0.02
        suspects = int(rng.binomial(100, share))
        summary.pages += 100
        summary.clusters["trees"] += suspects
        summary.blocks.close(100, {"trees": suspects})
    return summary


@pytest.mark.parametrize(("alike", "least"), [(0.0, 0.92), (0.1, 0.90)])
def test_pages_that_are_alike_and_stand_together_widen_the_interval(alike: float, least: float) -> None:
    hits = 0
    for run in range(RUNS):
        rng = np.random.default_rng(run)
        (each,) = estimate(counts_of(blocks(rng, 200, alike)), {}, rng)
        hits += each.low <= 0.02 <= each.high
    assert least <= hits / RUNS <= 0.98
    assert (counts_of(blocks(np.random.default_rng(0), 200, alike))["trees"].design > 3) == bool(alike)


def test_a_cluster_that_was_not_met_is_given_an_upper_end() -> None:
    summary = Summary(plan())
    summary.pages = 10_000
    (each,) = estimate(counts_of(summary), {}, np.random.default_rng(0))
    assert (each.cluster, each.share, each.low) == ("trees", 0.0, 0.0)
    assert 0 < each.high < 0.001


def test_nothing_true_among_those_checked_leaves_zero_possible() -> None:
    (each,) = estimate({"c": Counts(10_000, 50)}, {"c": (50, 0)}, np.random.default_rng(0))
    assert each.low == 0.0
    assert each.high < 0.001


@pytest.mark.parametrize("verdicts", [(51, 0), (5, 6), (-1, -1)])
def test_impossible_verdicts_are_refused(verdicts: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="cannot be"):
        estimate({"c": Counts(10_000, 50)}, {"c": verdicts}, np.random.default_rng(0))


def test_equal_dice_give_equal_estimates() -> None:
    counts = {name: Counts(10_000, 50) for name in "abc"}
    first, second = (estimate(counts, {"a": (20, 9)}, np.random.default_rng(3)) for _ in range(2))
    assert first == second


def test_wilsons_interval_is_the_published_one() -> None:
    assert wilson(0, 0) == (0.0, 1.0)
    low, high = wilson(81, 263)  # Newcombe (1998), table I
    assert (round(low, 4), round(high, 4)) == (0.2553, 0.3662)
    assert wilson(0, 20)[0] == 0.0
    assert round(wilson(0, 20)[1], 4) == 0.1611


def interval(cluster: str, low: float, high: float) -> Prevalence:
    return Prevalence(cluster, (low + high) / 2, low, high, 10)


def test_common_clusters_weigh_more_and_rare_ones_less() -> None:
    weights = prevalence_weights([interval("common", 0.009, 0.011), interval("rare", 0.0009, 0.0011)])
    assert weights["common"] > 1.3
    assert weights["rare"] < 0.7
    assert sum(weights.values()) == pytest.approx(2, abs=0.01)


def test_a_cluster_of_which_little_is_known_keeps_its_price() -> None:
    weights = prevalence_weights(
        [interval("common", 0.009, 0.011), interval("rare", 0.0009, 0.0011), interval("unknown", 0.0, 0.1)]
    )
    assert weights["unknown"] == 1.0


def test_with_nothing_to_compare_all_weigh_the_same() -> None:
    assert prevalence_weights([]) == {}
    assert prevalence_weights([interval("only", 0.001, 0.002)]) == {"only": 1.0}
    assert prevalence_weights([interval("a", 0.0, 0.001), interval("b", 0.0, 0.001)]) == {"a": 1.0, "b": 1.0}


@given(
    st.lists(st.tuples(st.floats(0, 0.5), st.floats(1e-9, 0.5)), min_size=1, max_size=12),
    st.floats(0.1, 1),
    st.floats(1, 5),
)
def test_weights_stay_in_bounds_and_in_the_order_of_the_shares(
    ends: list[tuple[float, float]], floor: float, ceiling: float
) -> None:
    estimates = [interval(str(n), low, low + width) for n, (low, width) in enumerate(ends)]
    weights = prevalence_weights(estimates, floor=floor, ceiling=ceiling)
    assert all(floor - 1e-4 <= weight <= ceiling + 1e-4 for weight in weights.values())
    for a, b in itertools.permutations(estimates, 2):
        if a.low > b.high:
            assert weights[a.cluster] >= weights[b.cluster]


@pytest.mark.parametrize(("floor", "ceiling"), [(0, 2), (1.5, 2), (0.5, 0.9)])
def test_bounds_that_leave_out_one_are_refused(floor: float, ceiling: float) -> None:
    with pytest.raises(ValueError, match="between"):
        prevalence_weights([interval("a", 0.1, 0.2)], floor=floor, ceiling=ceiling)
