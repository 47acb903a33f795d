from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np
import pytest

from btm.rules.collusion import PairEvidence, pair_evidence
from btm.rules.dawid_skene import DawidSkene

from .crowd import crowd

Judged = tuple[np.ndarray, np.ndarray, np.ndarray]
SURE = 0.01


def independent(rng: np.random.Generator, k: int = 3, n_workers: int = 24, n_items: int = 240) -> Judged:
    """Equally good judges, right with .75, six of them an item."""
    truth = rng.integers(0, k, n_items)
    item = np.repeat(np.arange(n_items), 6)
    worker = np.concatenate([rng.choice(n_workers, 6, replace=False) for _ in range(n_items)])
    wrong = (truth[item] + rng.integers(1, k, len(item))) % k if k > 1 else truth[item]
    return worker, item, np.where(rng.random(len(item)) < 0.75, truth[item], wrong)


def evidence(columns: Any, **options: Any) -> list[PairEvidence]:
    model = DawidSkene().fit(*columns)
    return pair_evidence(*columns, model.posteriors_, model.confusion_, **options)


def test_a_pair_by_hand() -> None:
    # Ten items that a and b alone judged, x all of them; both are right with .8, and nothing else is known of the items.
    workers, items = ["a", "b"] * 10, np.repeat(np.arange(10), 2)
    matrix = [[0.8, 0.2], [0.2, 0.8]]
    (pair,) = pair_evidence(workers, items, ["x"] * 20, [[16 / 17, 1 / 17]] * 10, [matrix] * 2, classes="xy")
    assert (pair.a, pair.b, pair.together, pair.agreed) == ("a", "b", 10, 10)
    assert pair.expected == pytest.approx(10 * (0.8**2 + 0.2**2))
    assert pair.z == pytest.approx(3.2 / (10 * 0.68 * 0.32) ** 0.5)
    # Without both, x is an even chance: alone either says it with .5, both together with .34 where they are independent.
    ratios = [(share * 0.5 / 0.34 + 1 - share) ** 10 for share in (0.25, 0.5, 0.75)]
    assert pair.probability == pytest.approx(3 / sum(ratios))


def test_gold_stays_what_it_is_whatever_the_pair_said_of_it() -> None:
    workers, items = ["a", "b"] * 10, np.repeat(np.arange(10), 2)
    certain, matrix = [[0.0, 1.0]] * 10, [[0.8, 0.2], [0.3, 0.7]]
    (pair,) = pair_evidence(workers, items, ["x"] * 20, certain, [matrix] * 2, classes="xy")
    assert pair.expected == pytest.approx(10 * (0.7**2 + 0.3**2))


def test_of_several_judgements_of_one_item_by_one_person_the_first_counts() -> None:
    columns = independent(np.random.default_rng(0))
    plain = evidence(columns)
    model = DawidSkene().fit(*columns)
    twice = tuple(np.concatenate((column, column)) for column in columns)
    assert pair_evidence(*twice, model.posteriors_, model.confusion_) == plain


def test_pairs_that_hardly_met_are_left_out() -> None:
    columns = independent(np.random.default_rng(0))
    every, few = evidence(columns, least_together=1), evidence(columns, least_together=15)
    assert {pair.together for pair in few} == {pair.together for pair in every if pair.together >= 15}
    assert evidence(columns, least_together=1000) == []
    assert evidence((["a", "b"], ["p", "q"], ["x", "y"])) == []


@pytest.mark.parametrize("n_classes", [2, 3, 5])
def test_independent_judges_are_hardly_ever_accused(n_classes: int) -> None:
    runs = [evidence(independent(np.random.default_rng(seed), n_classes)) for seed in range(40)]
    assert all(len(pairs) > 200 for pairs in runs)
    assert sum(pairs[0].probability < 0.05 for pairs in runs) <= 2
    assert not any(pairs[0].probability < SURE for pairs in runs)


@pytest.mark.parametrize("seed", range(5))
def test_good_judges_who_agree_because_they_are_right_are_not_accused(seed: int) -> None:
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 2, 200)
    item, worker = np.repeat(np.arange(200), 8), np.tile(np.arange(8), 200)
    right = rng.random(1600) < np.array([0.97, 0.97, 0.97, 0.6, 0.6, 0.6, 0.6, 0.6])[worker]
    pairs = evidence((worker, item, np.where(right, truth[item], 1 - truth[item])))
    best = next(pair for pair in pairs if (pair.a, pair.b) == (0, 1))
    assert best.agreed > 0.9 * best.together
    assert best.probability > 0.5


@pytest.mark.parametrize("seed", range(5))
def test_a_planted_copy_comes_first(seed: int) -> None:
    rng = np.random.default_rng(seed)
    worker, item, label = independent(rng)
    mine = np.flatnonzero(worker == 7)
    copied = np.where(rng.random(len(mine)) < 0.8, label[mine], rng.integers(0, 3, len(mine)))
    columns = (
        np.append(worker, np.full(len(mine), 99)), np.append(item, item[mine]), np.append(label, copied)
    )  # fmt: skip
    first, second = evidence(columns)[:2]
    assert (first.a, first.b) == (7, 99)
    assert first.probability < SURE < second.probability


@pytest.mark.parametrize(
    ("posteriors", "confusion", "says"),
    [
        ([[1, 0]] * 2, [[[1, 0], [0, 1]]] * 2, "posteriors has shape"),
        ([[1, 0]], [[[1, 0], [0, 1]]], "confusion has shape"),
        ([[float("nan"), 0]], [[[1, 0], [0, 1]]] * 2, "posteriors must hold"),
    ],
)
def test_what_does_not_fit_is_refused(posteriors: Any, confusion: Any, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        pair_evidence(["a", "b"], ["p", "p"], ["x", "y"], posteriors, confusion)


def copied_on_rte(worker: str, seed: int) -> list[PairEvidence]:
    """RTE with one more judge, who has `worker`'s label for 80% of their items, and else is right with .75."""
    (workers, items, labels), gold = crowd("rte")
    rng = np.random.default_rng(seed)
    extra = []
    for who, item, label in zip(workers, items, labels, strict=True):
        if who == worker:
            own = gold[item] if rng.random() < 0.75 else {"yes": "no", "no": "yes"}[gold[item]]
            extra.append((item, label if rng.random() < 0.8 else own))
    columns = (
        workers + ["copy"] * len(extra),
        items + [item for item, _ in extra],
        labels + [label for _, label in extra],
    )
    return evidence(columns)


@pytest.mark.data
def test_on_rte_a_copy_of_a_mediocre_judge_is_found_and_nobody_else_is_accused() -> None:
    (workers, items, labels), gold = crowd("rte")
    right = defaultdict(list)
    for worker, item, label in zip(workers, items, labels, strict=True):
        right[worker].append(label == gold[item])
    busiest = max((len(given), worker) for worker, given in right.items() if 0.65 < np.mean(given) < 0.9)[1]
    assert evidence((workers, items, labels))[0].probability > 0.5
    for seed in range(3):
        first, second, *_ = copied_on_rte(busiest, seed)
        assert {first.a, first.b} == {busiest, "copy"}
        assert first.probability < SURE < second.probability


@pytest.mark.data
def test_on_adult_sites_the_one_who_says_g_to_all_is_no_accomplice_of_the_others() -> None:
    columns, _ = crowd("adult")
    pairs = evidence(columns)
    assert len(pairs) > 5000
    assert min(pair.probability for pair in pairs) > 0.5
