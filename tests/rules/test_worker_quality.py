from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from btm.rules.aggregation import MajorityVote
from btm.rules.dawid_skene import DawidSkene, confusion_prior
from btm.rules.quality_vote import QualityVote
from btm.rules.scoring import ordinal_cost
from btm.rules.worker_quality import judges_needed, pay_factor, qualities, quality, quality_interval

from .crowd import accuracy, crowd

# Ipeirotis, Provost and Wang (2010): sites are G, P, R or X; most are G. One judge says G to all. The other takes everything for
# a little worse than it is: most of G for P, all of P for R.
PRIORS = [0.85, 0.05, 0.05, 0.05]
ALWAYS_G = np.array([[1, 0, 0, 0]] * 4, dtype=float)
STRICT = np.array([[0.2, 0.8, 0, 0], [0, 0, 1, 0], [0, 0, 1, 0], [0, 0, 0, 1]])
SAME = 1 - np.eye(4)
ORDINAL = ordinal_cost([0, 1, 2, 3])
COSTS = {"same": SAME, "ordinal": ORDINAL}
TWO = [[1, 0], [0, 1]]
KINDS = ["expected", "minimised"]


def error_rate(confusion: np.ndarray) -> float:
    return float(1 - np.asarray(PRIORS) @ np.diag(confusion))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("cost", COSTS)
def test_the_spammer_who_errs_less_is_worth_nothing_and_the_biased_judge_who_errs_more_is_worth_a_lot(
    kind: Any, cost: str
) -> None:
    assert error_rate(ALWAYS_G) == pytest.approx(0.15)
    assert error_rate(STRICT) == pytest.approx(0.73)
    assert quality(ALWAYS_G, PRIORS, COSTS[cost], kind) == pytest.approx(0, abs=1e-9)
    assert quality(STRICT, PRIORS, COSTS[cost], kind) > 0.65


def test_the_biased_judges_quality_is_what_one_finds_by_hand() -> None:
    # Only R leaves a doubt: it is P or R, evenly, and comes for a tenth of the sites. So .1 * .5, against 1 - (.85**2 + 3 * .05**2).
    assert quality(STRICT, PRIORS, SAME) == pytest.approx(1 - 0.05 / 0.27)
    assert quality(STRICT, PRIORS, SAME, "minimised") == pytest.approx(1 - 0.05 / 0.15)


@pytest.mark.parametrize("kind", KINDS)
def test_a_perfect_judge_and_one_who_swaps_all_labels_are_worth_1(kind: Any) -> None:
    assert quality(np.eye(4), PRIORS, ORDINAL, kind) == pytest.approx(1)
    assert quality(np.eye(4)[[3, 2, 1, 0]], PRIORS, ORDINAL, kind) == pytest.approx(1)


def test_costs_say_which_confusions_matter() -> None:
    mixes_p_and_r = np.array([[1, 0, 0, 0], [0, 0.5, 0.5, 0], [0, 0.5, 0.5, 0], [0, 0, 0, 1]])
    mixes_g_and_x = np.array([[0.5, 0, 0, 0.5], [0, 1, 0, 0], [0, 0, 1, 0], [0.5, 0, 0, 0.5]])
    even = [0.25] * 4
    assert quality(mixes_p_and_r, even, SAME) == pytest.approx(quality(mixes_g_and_x, even, SAME))
    assert quality(mixes_p_and_r, even, ORDINAL) > quality(mixes_g_and_x, even, ORDINAL) + 0.1


def test_where_no_error_costs_anything_nothing_is_told() -> None:
    assert quality(TWO, [0.5, 0.5], np.zeros((2, 2))) == 0
    assert quality(np.eye(2), [1, 0], 1 - np.eye(2)) == 0


confusions = arrays.arrays(float, (3, 3), elements=st.floats(0.01, 1)).map(
    lambda m: m / m.sum(axis=1, keepdims=True)
)
some_priors = arrays.arrays(float, 3, elements=st.floats(0.05, 1)).map(lambda p: p / p.sum())


@given(confusions, some_priors, st.sampled_from(KINDS))
def test_quality_is_from_0_to_1_and_the_same_for_renamed_answers(
    matrix: np.ndarray, priors: np.ndarray, kind: Any
) -> None:
    cost = ordinal_cost([0, 1, 3])
    found = quality(matrix, priors, cost, kind)
    assert -1e-9 <= found <= 1 + 1e-9
    assert quality(matrix[:, [2, 0, 1]], priors, cost, kind) == pytest.approx(found)
    assert qualities(np.array([matrix, np.eye(3)]), priors, cost, kind) == pytest.approx([found, 1])


@pytest.mark.parametrize(
    ("confusion", "priors", "cost", "kind", "says"),
    [
        (np.eye(3).tolist(), [0.5, 0.5], [[0, 1], [1, 0]], "expected", "shape"),
        (TWO, [0.5, 0.5], np.eye(3).tolist(), "expected", "cost matrix"),
        (TWO, [0.5, 0.6], TWO, "expected", "sum to"),
        ([[2, 0], [0, 2]], [0.5, 0.5], TWO, "expected", "must sum to 1"),
        ([[2, -1], [0, 1]], [0.5, 0.5], TWO, "expected", "from 0 to 1"),
        (TWO, [0.5, 0.5], TWO, "other", "kind is 'other'"),
    ],
)
def test_what_is_no_confusion_matrix_prior_cost_or_kind_is_refused(
    confusion: Any, priors: Any, cost: Any, kind: Any, says: str
) -> None:
    with pytest.raises(ValueError, match=says):
        quality(confusion, priors, cost, kind)


def test_the_interval_narrows_with_experience_and_repeats_with_the_same_randomness() -> None:
    prior, priors, cost = confusion_prior(2, 4), [0.5, 0.5], 1 - np.eye(2)
    seen = np.array([[9.0, 1.0], [2.0, 8.0]])
    few, many = (
        quality_interval(prior + seen * times, priors, cost, rng=np.random.default_rng(1))
        for times in (1, 30)
    )
    again = quality_interval(prior + seen, priors, cost, rng=np.random.default_rng(1))
    truth = quality(seen / seen.sum(axis=1, keepdims=True), priors, cost)
    assert few == again
    assert few[1] - few[0] > 3 * (many[1] - many[0])
    assert many[0] < truth < many[1]
    with pytest.raises(ValueError, match="above 0"):
        quality_interval(np.zeros((2, 2)), priors, cost, rng=np.random.default_rng(1))


def test_the_interval_holds_the_truth_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(5)
    priors, cost = [0.6, 0.4], 1 - np.eye(2)
    held = 0
    for _ in range(200):
        truth = rng.beta([3.2, 0.8], [0.8, 3.2])
        matrix = np.column_stack((truth, 1 - truth))
        seen = np.array([rng.multinomial(20, row) for row in matrix])
        low, high = quality_interval(confusion_prior(2, 4) + seen, priors, cost, rng=rng, draws=400)
        held += low <= quality(matrix, priors, cost) <= high
    assert 0.9 <= held / 200 <= 0.99


def test_the_number_of_judges_needed_is_what_one_finds_by_hand() -> None:
    coin = np.array([[0.8, 0.2], [0.2, 0.8]])
    even, cost = [0.5, 0.5], 1 - np.eye(2)
    # Minimised: the majority's error, over .5. One .2, two .2, three .104 (3 * .04 * .8 + .008).
    assert quality(coin, even, cost, "minimised") == pytest.approx(1 - 0.2 / 0.5)
    for specification, needed in ((0.6, 1), (0.61, 3), (1 - 0.104 / 0.5, 3), (0.8, 5)):
        assert judges_needed(coin, even, cost, specification, "minimised") == needed
    assert pay_factor(3) == pytest.approx(1 / 3)


def test_a_judge_above_the_specification_gets_the_full_price_and_a_spammer_none() -> None:
    assert pay_factor(judges_needed(STRICT, PRIORS, ORDINAL, 0.8)) == 1
    assert judges_needed(ALWAYS_G, PRIORS, ORDINAL, 0.1) is None
    assert pay_factor(None) == 0
    assert judges_needed(STRICT, PRIORS, SAME, 0.95) is None  # no number of them ever tells P from R
    with pytest.raises(ValueError, match="specification"):
        judges_needed(STRICT, PRIORS, SAME, 0)


def test_many_labels_end_early_instead_of_late() -> None:
    k = 12
    weak = np.full((k, k), 0.9 / k) + np.eye(k) * 0.1
    assert judges_needed(weak, [1 / k] * k, 1 - np.eye(k), 0.99) is None


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("cost", COSTS)
@pytest.mark.data
def test_adult_sites_the_spammer_is_found_and_quality_weighted_verdicts_beat_the_majority(
    kind: Any, cost: str
) -> None:
    columns, gold = crowd("adult")
    model = QualityVote(COSTS[cost], kind, classes="GPRX").fit(*columns)
    given = Counter(columns[0])
    scored = zip(model.workers_.tolist(), model.weights_, strict=True)
    worst = sorted((weight, worker) for worker, weight in scored if given[worker] >= 500)
    assert "w786" in [worker for _, worker in worst[:10]]
    assert len(worst) >= 25
    if kind == "expected" or cost == "ordinal":
        assert accuracy(model, gold) >= accuracy(MajorityVote().fit(*columns), gold) + 0.01


@pytest.mark.data
def test_adult_sites_dawid_skene_with_a_prior_and_even_class_priors_beats_the_majority() -> None:
    columns, gold = crowd("adult")
    majority = accuracy(MajorityVote().fit(*columns), gold)
    plain = DawidSkene(prior_strength=0).fit(*columns)
    better = DawidSkene(class_priors=[0.25] * 4).fit(*columns)
    decided = better.classes_[(better.posteriors_ @ ORDINAL).argmin(axis=1)]
    assert accuracy(plain, gold) < majority
    assert accuracy(better, gold) > majority
    assert accuracy(better, gold, decided) > majority
