"""Simpler ways to put judgements together, on the same interface as `DawidSkene`, to compare it with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from btm.rules.em import (
    PRIOR_ACCURACY,
    PRIOR_STRENGTH,
    TINY,
    EmSteps,
    Learned,
    majority_shares,
    normalised,
    pin,
    settle,
)
from btm.rules.judgements import Floats, Judgements, Values, encode
from btm.rules.verification import uniform_confusion


class MajorityVote(Learned):
    """Every judgement counts the same: `posteriors_` are the shares of the votes. `confusion_` and `log_likelihood_` describe
    the judges as the majority sees them."""

    def __init__(self, *, classes: Values | None = None) -> None:
        self.classes = classes

    def fit(
        self, workers: Values, items: Values, labels: Values, gold: Mapping[Any, Any] | None = None
    ) -> MajorityVote:
        """Learn from n judgements: three array-likes of length n. gold: item -> label. Raises ValueError as `encode` does."""
        known = encode(workers, items, labels, gold, self.classes)
        posterior = pin(majority_shares(known), known.pinned)
        n_classes = len(known.classes)
        steps = EmSteps(known, np.zeros((n_classes, n_classes)))
        self.keep(known, posterior)
        _, self.log_likelihood_ = steps.expect(self.priors_, steps.maximise(posterior))
        self.confusion_ = normalised(steps.counts_with_prior(posterior))
        self.n_iter_ = 1
        return self


class OneCoin(Learned):
    """Each judge is right with one probability, `accuracy_` of shape (n_workers,), whatever the truth, and errs evenly.

    Source: Y. Zhang et al., "Spectral methods meet EM" (JMLR 17, 2016), the one-coin model. prior_strength judgements of
    accuracy prior_accuracy stand behind each judge (a Beta prior); 0 is plain maximum likelihood.
    """

    accuracy_: Floats

    def __init__(
        self,
        max_iter: int = 100,
        tol: float = 1e-6,
        prior_strength: float = PRIOR_STRENGTH,
        *,
        prior_accuracy: float = PRIOR_ACCURACY,
        classes: Values | None = None,
    ) -> None:
        self.max_iter = max_iter
        self.tol = tol
        self.prior_strength = prior_strength
        self.prior_accuracy = prior_accuracy
        self.classes = classes

    def fit(
        self, workers: Values, items: Values, labels: Values, gold: Mapping[Any, Any] | None = None
    ) -> OneCoin:
        """Learn from n judgements: three array-likes of length n. gold: item -> label. Raises ValueError as `encode` does."""
        known = encode(workers, items, labels, gold, self.classes)
        posterior = pin(majority_shares(known), known.pinned)
        before = -np.inf
        for n_iter in range(1, self.max_iter + 1):
            self.n_iter_ = n_iter
            self.accuracy_ = self._accuracy(known, posterior)
            posterior, self.log_likelihood_ = _expect(known, posterior.mean(axis=1), self.accuracy_)
            if abs(self.log_likelihood_ - before) < self.tol * len(known.label):
                break
            before = self.log_likelihood_
        self.accuracy_ = self._accuracy(known, posterior)
        self.keep(known, posterior)
        n_classes = len(known.classes)
        if n_classes == 1:
            self.confusion_ = np.ones((len(known.workers), 1, 1))
        else:
            self.confusion_ = np.array([uniform_confusion(n_classes, each) for each in self.accuracy_])
        return self

    def _accuracy(self, known: Judgements, posterior: Floats) -> Floats:
        right = np.bincount(known.worker, weights=posterior[known.label, known.item])
        given = np.bincount(known.worker)
        accuracy = (right + self.prior_strength * self.prior_accuracy) / (given + self.prior_strength)
        return np.asarray(accuracy.clip(TINY, 1 - TINY))


def _expect(known: Judgements, priors: Floats, accuracy: Floats) -> tuple[Floats, float]:
    """The posterior, shape (k, n_items), and the log-likelihood, of judges with one coin each."""
    n_classes, n_items = len(known.classes), len(known.items)
    wrong = np.log((1 - accuracy) / max(1, n_classes - 1))
    gain = (np.log(accuracy) - wrong)[known.worker]
    cell = known.label * n_items + known.item
    votes = np.bincount(cell, weights=gain, minlength=n_classes * n_items).reshape(n_classes, n_items)
    always = np.bincount(known.item, weights=wrong[known.worker])
    scores = np.asarray(votes + always + np.log(np.maximum(priors, TINY))[:, None], dtype=np.float64)
    return settle(scores, known.pinned)
