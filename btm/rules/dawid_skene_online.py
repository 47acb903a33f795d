"""One judgement at a time: the item's posterior and the judge's counts move at once, and a batch fit puts them right later.

An incremental EM step (R. Neal and G. Hinton, "A view of the EM algorithm that justifies incremental, sparse, and other
variants", 1998) that leaves the item's earlier judges alone: it costs O(k^2) however much was judged before. What it forgets
(that later judgements also say something of earlier judges) a `DawidSkene().fit` over all judgements recovers exactly; its
result is taken over whole with `counts_from` and `belief_from`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from btm.rules.judgements import Floats
from btm.rules.scoring import check_probabilities


@dataclass(frozen=True, slots=True)
class Belief:
    """What the judgements say of one item. log_likelihood: shape (k,), of its judgements if the truth were each class."""

    log_likelihood: Floats
    judgements: int = 0

    def posterior(self, class_priors: ArrayLike) -> Floats:
        """Probability of each class, shape (k,). class_priors: shape (k,)."""
        scores = self.log_likelihood + np.log(check_probabilities(class_priors).clip(1e-12))
        p = np.exp(scores - scores.max())
        return np.asarray(p / p.sum())


def new_belief(n_classes: int) -> Belief:
    """An item that nobody judged."""
    return Belief(np.zeros(n_classes))


def confusion_of(counts: Floats) -> Floats:
    """The judge's confusion matrix, shape (k, k), rows true, columns given: the mean of the Dirichlet rows `counts`."""
    return np.asarray(counts / counts.sum(axis=1, keepdims=True))


def add_judgement(
    belief: Belief, counts: Floats, given: int, class_priors: ArrayLike, truth: int | None = None
) -> tuple[Belief, Floats]:
    """One more judgement: the item's new belief and the judge's new counts. Neither argument is changed.

    counts: shape (k, k), the judge's expected counts with their prior (`confusion_prior` for a newcomer), all above 0.
    given: index of the label that the judge gave. truth: index of the true label, for a gold item.
    Raises ValueError when given or truth is no index of a label.
    """
    n_classes = len(counts)
    for name, index in (("given", given), ("truth", truth)):
        if index is not None and not 0 <= index < n_classes:
            raise ValueError(f"{name} is {index}, but there are {n_classes} labels")
    heard = belief.log_likelihood + np.log(counts[:, given] / counts.sum(axis=1))
    after = Belief(heard, belief.judgements + 1)
    share = after.posterior(class_priors) if truth is None else np.eye(n_classes)[truth]
    moved = counts.copy()
    moved[:, given] += share
    return after, moved


def counts_from(prior: Floats, given: Sequence[int], posteriors: Sequence[Floats]) -> Floats:
    """A judge's counts, shape (k, k), recomputed from all that they gave and the batch posteriors of those items."""
    counts = np.array(prior, dtype=float)
    for label, posterior in zip(given, posteriors, strict=True):
        counts[:, label] += posterior
    return counts


def belief_from(given: Sequence[int], confusions: Sequence[Floats]) -> Belief:
    """An item's belief recomputed from its judgements and their judges' confusion matrices of a batch fit."""
    heard = [np.log(matrix[:, label]) for label, matrix in zip(given, confusions, strict=True)]
    if not heard:
        raise ValueError("there are no judgements; use new_belief")
    return Belief(np.sum(heard, axis=0), len(heard))
