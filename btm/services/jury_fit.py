"""The exact computation of what is known of a topic's judges, in arrays. Shared by the services; asks the database for nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from btm.rules.collusion import pair_evidence
from btm.rules.dawid_skene import DawidSkene, confusion_prior
from btm.rules.dawid_skene_online import Belief, add_judgement, new_belief
from btm.rules.judgements import Floats
from btm.rules.pace import Pace, measure
from btm.store.fits import Labelled

Ints = NDArray[np.int64]
PACE_OF = 5_000
"""The pace is that of so many of the latest labels: habits change, and so do pages."""
PAIRS_OF = 200_000
"""Pairs who copy are looked for in so many of the latest labels."""
SUSPICIOUS = 0.05
MOST_PAIRS = 100


@dataclass(frozen=True, slots=True)
class Pins:
    """Known truths, as label indices: by gold id, and by (item, round) where a modeler decided at the desk."""

    gold: dict[int, int] = field(default_factory=dict)
    desk: dict[tuple[int, int], int] = field(default_factory=dict)


@dataclass(slots=True)
class JuryFit:
    """What a computation found, in label order. counts: by judge, shape (k, k), without the prior. Beliefs are by (item, round).

    Judgements that came since are added with `hear`, as `btm.services.jury.hear` would have.
    """

    judgements: int
    priors: list[float]
    counts: dict[int, Floats]
    pace: Pace
    pairs: list[list[object]]
    _keys: Ints
    _stride: int
    _heard: Floats
    _later: dict[tuple[int, int], Belief] = field(default_factory=dict)

    def belief(self, item: int, round_: int) -> Belief:
        """What the judgements say of an item in one of its rounds."""
        later = self._later.get((item, round_))
        if later is not None:
            return later
        if round_ < self._stride and len(self._keys):
            key = item * self._stride + round_
            place = int(np.searchsorted(self._keys, key))
            if place < len(self._keys) and self._keys[place] == key:
                return Belief(self._heard[place])
        return new_belief(len(self.priors))

    def hear(self, judge: int, item: tuple[int, int], given: int, truth: int | None, prior: Floats) -> None:
        """One more label, of a judgement that the computation did not know. item: and its round. prior: behind every judge."""
        counts = self.counts.get(judge, np.zeros_like(prior))
        after, moved = add_judgement(self.belief(*item), prior + counts, given, self.priors, truth)
        self._later[item] = after
        self.counts[judge] = moved - prior


def fit_jury(known: Labelled, labels: Sequence[str], accuracy: float, pins: Pins) -> JuryFit:
    """Dawid and Skene's model over all of a topic's judgements, every known truth pinned.

    An item judged anew in another round is another item; all items of one gold page are one. accuracy: of a judge of whom nothing
    is known. The class priors are those of the model with one more item for each label, so that none is ever ruled out.
    """
    k = len(labels)
    pace = measure(known.seconds[-PACE_OF:])
    if not len(known.judge):
        none = np.empty(0, dtype=np.int64)
        return JuryFit(0, [1 / k] * k, {}, pace, [], none, 1, np.empty((0, k)))
    stride = int(known.round.max()) + 1
    items = np.where(known.gold > 0, -known.gold, known.item * stride + known.round)
    model = DawidSkene(prior_accuracy=accuracy, classes=list(range(k)))
    model.fit(known.judge, items, known.label, _pinned(items, stride, pins))
    item, judge = np.searchsorted(model.items_, items), np.searchsorted(model.workers_, known.judge)
    counts = model.counts_ - confusion_prior(k, model.prior_strength, accuracy)
    return JuryFit(
        judgements=len(items),
        priors=((model.priors_ * len(model.items_) + 1) / (len(model.items_) + k)).tolist(),
        counts=dict(zip(model.workers_.tolist(), counts, strict=True)),
        pace=pace,
        pairs=_pairs(model, item, judge, known.label),
        _keys=model.items_,
        _stride=stride,
        _heard=_heard(model, item, judge, known.label),
    )


def _pinned(items: Ints, stride: int, pins: Pins) -> dict[int, int]:
    truths = {-gold: truth for gold, truth in pins.gold.items()}
    truths |= {
        item * stride + round_: truth for (item, round_), truth in pins.desk.items() if round_ < stride
    }
    seen = set(items[np.isin(items, list(truths))].tolist())
    return {item: truth for item, truth in truths.items() if item in seen}


def _heard(model: DawidSkene, item: Ints, judge: Ints, label: Ints) -> Floats:
    """The log-likelihood of each item's judgements under each label, shape (n_items, k), as `belief_from` has it."""
    columns = [
        np.bincount(item, np.log(model.confusion_[judge, true, label]), len(model.items_))
        for true in range(len(model.classes_))
    ]
    return np.stack(columns, axis=1)


def _pairs(model: DawidSkene, item: Ints, judge: Ints, label: Ints) -> list[list[object]]:
    """Pairs who agree beyond what their matrices explain: [account, account, together, agreed, expected, probability]."""
    item, judge, label = item[-PAIRS_OF:], judge[-PAIRS_OF:], label[-PAIRS_OF:]
    found = pair_evidence(
        judge, item, label, model.posteriors_[np.unique(item)], model.confusion_[np.unique(judge)],
        classes=model.classes_.tolist(),
    )  # fmt: skip
    accounts = model.workers_.tolist()
    return [
        [accounts[pair.a], accounts[pair.b], pair.together, pair.agreed, pair.expected, pair.probability]
        for pair in found[:MOST_PAIRS]
        if pair.probability < SUSPICIOUS
    ]
