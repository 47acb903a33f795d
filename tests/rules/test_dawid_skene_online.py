from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
import pytest

from btm.rules.dawid_skene import DawidSkene, confusion_prior
from btm.rules.dawid_skene_online import (
    Belief,
    add_judgement,
    belief_from,
    confusion_of,
    counts_from,
    new_belief,
)
from btm.rules.settings import ChallengeRules
from btm.rules.verification import NeedMore, Undecided, decide

from .crowd import Columns, crowd

EVEN = [0.5, 0.5]
CLASSES = ["no", "yes"]
NEWCOMER = confusion_prior(2, 4.0)


def test_one_judgement_moves_the_item_and_the_judge_as_one_finds_by_hand() -> None:
    belief, counts = add_judgement(new_belief(2), NEWCOMER, 1, EVEN)
    assert belief.posterior(EVEN) == pytest.approx([0.2, 0.8])
    assert counts == pytest.approx(np.array([[3.2, 1.0], [0.8, 4.0]]))
    assert confusion_of(counts)[1] == pytest.approx([1 / 6, 5 / 6])
    again, _ = add_judgement(belief, NEWCOMER, 1, EVEN)
    assert again.posterior(EVEN) == pytest.approx([1 / 17, 16 / 17])
    assert again.judgements == 2
    assert pytest.approx(np.array([[3.2, 0.8], [0.8, 3.2]])) == NEWCOMER


def test_gold_tells_of_the_judge_with_certainty() -> None:
    _, counts = add_judgement(new_belief(2), NEWCOMER, 1, EVEN, truth=0)
    assert counts == pytest.approx(np.array([[3.2, 1.8], [0.8, 3.2]]))


def test_a_label_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="given is 2"):
        add_judgement(new_belief(2), NEWCOMER, 2, EVEN)
    with pytest.raises(ValueError, match="truth is -1"):
        add_judgement(new_belief(2), NEWCOMER, 0, EVEN, truth=-1)
    with pytest.raises(ValueError, match="no judgements"):
        belief_from([], [])


def replayed(columns: Columns, order: Sequence[int]) -> tuple[dict[str, Belief], dict[str, np.ndarray]]:
    beliefs: dict[str, Belief] = defaultdict(lambda: new_belief(2))
    counts: dict[str, np.ndarray] = defaultdict(lambda: NEWCOMER)
    for at in order:
        worker, item, label = (column[at] for column in columns)
        beliefs[item], counts[worker] = add_judgement(
            beliefs[item], counts[worker], CLASSES.index(label), EVEN
        )
    return beliefs, counts


@pytest.mark.data
def test_online_drifts_little_from_batch_and_recomputation_recovers_it_exactly() -> None:
    columns, _ = crowd("rte")
    batch = DawidSkene(1000, tol=1e-14, prior_strength=4.0, class_priors=EVEN).fit(*columns)
    order = np.random.default_rng(0).permutation(len(columns[0])).tolist()
    beliefs, counts = replayed(columns, order)
    online = np.array([beliefs[item].posterior(EVEN) for item in batch.items_.tolist()])
    assert np.abs(online - batch.posteriors_).mean() < 0.04
    assert (online.argmax(axis=1) != batch.posteriors_.argmax(axis=1)).mean() < 0.03
    matrices = np.array([confusion_of(counts[worker]) for worker in batch.workers_.tolist()])
    assert np.abs(matrices - batch.confusion_).mean() < 0.05

    place = {item: number for number, item in enumerate(batch.items_.tolist())}
    number = {worker: at for at, worker in enumerate(batch.workers_.tolist())}
    by_worker, by_item = defaultdict(list), defaultdict(list)
    for worker, item, label in zip(*columns, strict=True):
        by_worker[worker].append((CLASSES.index(label), batch.posteriors_[place[item]]))
        by_item[item].append((CLASSES.index(label), batch.confusion_[number[worker]]))
    for worker, given in by_worker.items():
        swapped = confusion_of(counts_from(NEWCOMER, *zip(*given, strict=True)))
        assert swapped == pytest.approx(batch.confusion_[number[worker]], abs=1e-8)
    for item, heard in by_item.items():
        believed = belief_from(*zip(*heard, strict=True)).posterior(EVEN)
        assert believed == pytest.approx(batch.posteriors_[place[item]], abs=1e-4)


@pytest.mark.data
def test_asking_only_while_it_pays_is_righter_than_five_judgements_each_with_three_fifths_of_them() -> None:
    columns, gold = crowd("rte")
    rules = ChallengeRules(max_expected_cost=0.2)
    runs = [_adaptive(columns, gold, rules, seed) for seed in range(10)]
    right, asked = np.mean(runs, axis=0)
    fives = np.mean([_majority_of_five(columns, gold, seed) for seed in range(5)])
    assert asked <= 0.6 * 5
    assert right >= fives
    assert all(run_right >= fives and run_asked <= 0.6 * 5 for run_right, run_asked in runs)


def _by_item(columns: Columns, seed: int) -> dict[str, list[int]]:
    """Each item's judgements, items and judgements in random order."""
    found: dict[str, list[int]] = defaultdict(list)
    for at in np.random.default_rng(seed).permutation(len(columns[0])).tolist():
        found[columns[1][at]].append(at)
    return found


def _adaptive(
    columns: Columns, gold: dict[str, str], rules: ChallengeRules, seed: int
) -> tuple[float, float]:
    """(share of items right, judgements an item). Judges start unknown; an item that stays undecided is taken as likeliest."""
    cost = 1 - np.eye(2)
    counts: dict[str, np.ndarray] = defaultdict(lambda: NEWCOMER)
    right = asked = 0
    for item, judgements in _by_item(columns, seed).items():
        belief = new_belief(2)
        for at in judgements:
            worker, given = columns[0][at], CLASSES.index(columns[2][at])
            belief, counts[worker] = add_judgement(belief, counts[worker], given, EVEN)
            said = decide(belief.posterior(EVEN), cost, belief.judgements, rules)
            if not isinstance(said, NeedMore):
                break
        if isinstance(said, Undecided):
            assert belief.judgements == rules.max_judgements
        right += CLASSES[int(belief.posterior(EVEN).argmax())] == gold[item]
        asked += belief.judgements
    return right / len(gold), asked / len(gold)


def _majority_of_five(columns: Columns, gold: dict[str, str], seed: int) -> float:
    right = 0
    for item, judgements in _by_item(columns, seed).items():
        yes = sum(columns[2][at] == "yes" for at in judgements[:5])
        right += (yes >= 3) == (gold[item] == "yes")
    return right / len(gold)
