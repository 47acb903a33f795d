"""A vote in which each judge weighs as much as their labels are worth."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from btm.rules.dawid_skene import DawidSkene
from btm.rules.em import PRIOR_STRENGTH, Learned, pin
from btm.rules.judgements import Floats, Values, encode
from btm.rules.worker_quality import Kind, qualities

LEAST_WEIGHT = 1e-6
"""What a worthless judge weighs: nothing beside anybody else, yet enough to settle an item that nobody else judged."""


class QualityVote(Learned):
    """Dawid-Skene measures the judges, and `posteriors_` are the shares of votes weighted by `weights_`, shape (n_workers,).

    It keeps what a vote is robust about (judges whose errors go together, priors that differ from the sample's) and silences
    who says nothing: on the adult_labels data it is righter than both the majority and Dawid-Skene (docs/judges.md). cost:
    shape (k, k), `cost[true][assigned]`, in the order of `classes`; 1 for every error when None. kind: see `quality`.
    """

    weights_: Floats

    def __init__(
        self,
        cost: ArrayLike | None = None,
        kind: Kind = "expected",
        prior_strength: float = PRIOR_STRENGTH,
        *,
        classes: Values | None = None,
    ) -> None:
        self.cost = cost
        self.kind = kind
        self.prior_strength = prior_strength
        self.classes = classes

    def fit(
        self, workers: Values, items: Values, labels: Values, gold: Mapping[Any, Any] | None = None
    ) -> QualityVote:
        """Learn from n judgements: three array-likes of length n. gold: item -> label. Raises ValueError as `encode` does."""
        known = encode(workers, items, labels, gold, self.classes)
        n_classes, n_items = len(known.classes), len(known.items)
        judges = DawidSkene(prior_strength=self.prior_strength, classes=self.classes)
        judges.fit(workers, items, labels, gold)
        cost = 1.0 - np.eye(n_classes) if self.cost is None else self.cost
        if n_classes == 1:
            self.weights_ = np.ones(len(known.workers))
        else:
            found = qualities(judges.confusion_, judges.priors_, cost, self.kind)
            self.weights_ = np.maximum(found, LEAST_WEIGHT)
        votes = np.bincount(
            known.label * n_items + known.item, self.weights_[known.worker], n_classes * n_items
        ).reshape(n_classes, n_items)
        self.keep(known, pin(np.asarray(votes / votes.sum(axis=0), dtype=np.float64), known.pinned))
        self.confusion_, self.priors_ = judges.confusion_, judges.priors_
        self.log_likelihood_, self.n_iter_ = judges.log_likelihood_, judges.n_iter_
        return self
