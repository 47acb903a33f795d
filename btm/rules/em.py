"""The two halves of an EM step for judges with confusion matrices, arranged for speed. Shared by the models that learn from
judgements. Tables have a row a class, so that each class is one contiguous run of numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from btm.rules.judgements import Codes, Floats, GroupedSums, Judgements
from btm.rules.settings import ChallengeRules

PRIOR_STRENGTH = 4.0
"""How many judgements a newcomer's prior is worth, on each row of their confusion matrix."""
PRIOR_ACCURACY = ChallengeRules().judge_accuracy
"""How often a judge of whom nothing is known is believed to be right: one number for a verdict and for all models."""
TINY = 1e-10
"""The least expected count and class prior: keeps logarithms finite in plain maximum likelihood."""


def normalised(counts: Floats) -> Floats:
    """Rows that sum to 1. counts: shape (..., k), of each row at least one above 0."""
    return np.asarray(counts / counts.sum(axis=-1, keepdims=True))


def majority_shares(known: Judgements) -> Floats:
    """Each label's share of an item's judgements, shape (k, n_items)."""
    n_classes, n_items = len(known.classes), len(known.items)
    votes = np.bincount(known.label * n_items + known.item, minlength=n_classes * n_items)
    table = votes.reshape(n_classes, n_items).astype(float)
    return np.asarray(table / table.sum(axis=0))


def pin(posterior: Floats, pinned: Codes) -> Floats:
    """The posterior, shape (k, n_items), with the items of known truth made certain, in place."""
    (at,) = np.nonzero(pinned >= 0)
    posterior[:, at] = 0.0
    posterior[pinned[at], at] = 1.0
    return posterior


def settle(scores: Floats, pinned: Codes) -> tuple[Floats, float]:
    """From logarithms of prior times likelihood, shape (k, n_items), to the posterior, in place, and the log-likelihood."""
    (at,) = np.nonzero(pinned >= 0)
    known = scores[pinned[at], at]
    highest = scores.max(axis=0)
    scores -= highest
    np.exp(scores, out=scores)
    total = scores.sum(axis=0)
    scores /= total
    evidence = np.log(total) + highest
    evidence[at] = known
    return pin(scores, pinned), float(evidence.sum())


class Learned:
    """What a model has learned after `fit`.

    classes_, items_, workers_: the distinct values, sorted, shapes (k,), (n_items,), (n_workers,). posteriors_: probability of
    each class for each item, shape (n_items, k). confusion_: shape (n_workers, k, k), `[worker, true, given]`; rows sum to 1.
    priors_: shape (k,). log_likelihood_: of the judgements (and gold), natural, at the parameters that gave `posteriors_`.
    n_iter_: rounds done.
    """

    classes_: NDArray[Any]
    items_: NDArray[Any]
    workers_: NDArray[Any]
    posteriors_: Floats
    confusion_: Floats
    priors_: Floats
    log_likelihood_: float
    n_iter_: int

    def predict(self) -> NDArray[Any]:
        """The likeliest class of each item, shape (n_items,); among equals the first in `classes_`."""
        return np.asarray(self.classes_[self.posteriors_.argmax(axis=1)])

    def keep(self, known: Judgements, posterior: Floats) -> None:
        self.classes_, self.items_, self.workers_ = known.classes, known.items, known.workers
        self.posteriors_ = np.ascontiguousarray(posterior.T)
        self.priors_ = posterior.mean(axis=1)


class EmSteps:
    """The judgements arranged for EM. A *pair* is a judge with a label that they gave: the only cells of the confusion
    matrices that the judgements ever look at. Tables have a row a class."""

    def __init__(self, known: Judgements, prior: Floats) -> None:
        n_classes = len(known.classes)
        cell = known.worker * n_classes + known.label
        present = np.bincount(cell, minlength=len(known.workers) * n_classes) > 0
        self._cells = np.flatnonzero(present)
        pair = (np.cumsum(present) - 1)[cell]
        self._n_workers = len(known.workers)
        self._pinned = known.pinned
        self._prior = prior
        self._pair_worker, self._pair_label = np.divmod(self._cells, n_classes)
        self._pair_prior = prior[:, self._pair_label]
        _, first = np.unique(self._pair_worker, return_index=True)
        self._first_pair = first.astype(np.intp, copy=False)
        self._over_pairs = GroupedSums(pair, len(self._cells), known.item)
        self._over_items = GroupedSums(known.item, len(known.items), pair)

    def maximise(self, posterior: Floats) -> Floats:
        """The probability that the pair's judge gives the pair's label, by true class: shape (k, n_pairs)."""
        counts, totals = self._counts(posterior)
        return np.asarray((counts + self._pair_prior) / totals[:, self._pair_worker])

    def expect(self, priors: Floats, chance: Floats) -> tuple[Floats, float]:
        """The posterior, shape (k, n_items), and the log-likelihood."""
        scores = self._over_items(np.log(chance))
        scores += np.log(np.maximum(priors, TINY))[:, None]
        return settle(scores, self._pinned)

    def counts_with_prior(self, posterior: Floats) -> Floats:
        """Every judge's expected counts with the prior, shape (n_workers, k, k). A row of which nothing at all is known is even
        over the labels that the judge gave."""
        counts, _ = self._counts(posterior)
        full = np.tile(self._prior, (self._n_workers, 1, 1))
        full[self._pair_worker, :, self._pair_label] += counts.T
        return full

    def _counts(self, posterior: Floats) -> tuple[Floats, Floats]:
        """Expected counts by pair, shape (k, n_pairs), and by judge with the prior, shape (k, n_workers)."""
        counts = np.maximum(self._over_pairs(posterior), TINY)
        totals = np.add.reduceat(counts, self._first_pair, axis=1)
        return counts, totals + self._prior.sum(axis=1)[:, None]
