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
from btm.rules.em import PRIOR_ACCURACY
from btm.rules.settings import ChallengeRules
from btm.rules.verification import Verdict, decide

from .crowd import Columns, crowd

EVEN = [0.5, 0.5]
CLASSES = ["no", "yes"]
NEWCOMER = confusion_prior(2, 4.0)


def test_one_judgement_moves_the_item_and_the_judge_as_one_finds_by_hand() -> None:
    belief, counts = add_judgement(new_belief(2), NEWCOMER, 1, EVEN)
    assert belief.posterior(EVEN) == pytest.approx([0.15, 0.85])
    assert counts == pytest.approx(np.array([[3.4, 0.75], [0.6, 4.25]]))
    assert confusion_of(counts)[1] == pytest.approx([0.6 / 4.85, 4.25 / 4.85])
    again, _ = add_judgement(belief, NEWCOMER, 1, EVEN)
    assert again.posterior(EVEN) == pytest.approx([9 / 298, 289 / 298])
    assert again.judgements == 2
    assert pytest.approx(np.array([[3.4, 0.6], [0.6, 3.4]])) == NEWCOMER


def test_two_newcomers_who_agree_suffice_online_as_they_do_in_a_verdict() -> None:
    assert ChallengeRules().judge_accuracy == PRIOR_ACCURACY
    belief, _ = add_judgement(new_belief(2), NEWCOMER, 1, EVEN)
    belief, _ = add_judgement(belief, NEWCOMER, 1, EVEN)
    assert isinstance(decide(belief.posterior(EVEN), 1 - np.eye(2), 2, ChallengeRules()), Verdict)


def test_gold_tells_of_the_judge_with_certainty() -> None:
    _, counts = add_judgement(new_belief(2), NEWCOMER, 1, EVEN, truth=0)
    assert counts == pytest.approx(np.array([[3.4, 1.6], [0.6, 3.4]]))


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
