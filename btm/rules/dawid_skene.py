"""What items are and what judges are worth, from judgements alone: Dawid and Skene's model by expectation-maximisation.

Source: A. P. Dawid and A. M. Skene, "Maximum likelihood estimation of observer error-rates using the EM algorithm", Applied
Statistics 28 (1979). Started from each item's shares of votes, as they advise.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from btm.rules.em import PRIOR_ACCURACY, PRIOR_STRENGTH, EmSteps, Learned, majority_shares, normalised, pin
from btm.rules.judgements import Floats, Values, encode
from btm.rules.scoring import check_probabilities


def confusion_prior(n_classes: int, strength: float, accuracy: float = PRIOR_ACCURACY) -> Floats:
    """Pseudo-counts of a judge of whom nothing is known, shape (k, k), rows true, columns given; each row sums to `strength`.

    A Dirichlet prior on each row with its weight on the diagonal, as in Kim and Ghahramani, "Bayesian classifier combination"
    (AISTATS 2012) and Venanzi et al., "Community-based Bayesian aggregation models" (WWW 2014): a newcomer is believed a
    little more than not, and no judge is ever taken for perfect.
    """
    if n_classes == 1:
        return np.full((1, 1), strength)
    off = (1.0 - accuracy) / (n_classes - 1)
    return np.where(np.eye(n_classes, dtype=bool), accuracy, off) * strength


class DawidSkene(Learned):
    """Dawid and Skene's model. Options here; what `fit` learns ends in `_` (shapes: `Learned`).

    max_iter: the most rounds of EM. tol: stop when the log-likelihood, a judgement, changes by less. prior_strength: how many
    judgements the prior on each row of each confusion matrix is worth; 0 is plain maximum likelihood. class_priors: shape
    (k,), fixed probabilities of the classes in the order of `classes_`; estimated when None. prior_accuracy: the diagonal of
    the prior. classes: all labels in their order; by default those that were given, sorted.

    `fit` also leaves counts_, shape (n_workers, k, k): the expected counts with the prior behind `confusion_`, which are the
    Dirichlet parameters that `quality_interval` asks for.
    """

    counts_: Floats

    def __init__(
        self,
        max_iter: int = 100,
        tol: float = 1e-6,
        prior_strength: float = PRIOR_STRENGTH,
        class_priors: ArrayLike | None = None,
        *,
        prior_accuracy: float = PRIOR_ACCURACY,
        classes: Values | None = None,
    ) -> None:
        if max_iter < 1:
            raise ValueError(f"max_iter is {max_iter}; at least 1 is needed")
        if not (np.isfinite(prior_strength) and prior_strength >= 0):
            raise ValueError(f"prior_strength is {prior_strength}, not a number from 0 up")
        if not 0 < prior_accuracy < 1:
            raise ValueError(f"prior_accuracy is {prior_accuracy}, not between 0 and 1")
        self.max_iter = max_iter
        self.tol = tol
        self.prior_strength = prior_strength
        self.class_priors = class_priors
        self.prior_accuracy = prior_accuracy
        self.classes = classes

    def fit(
        self, workers: Values, items: Values, labels: Values, gold: Mapping[Any, Any] | None = None
    ) -> DawidSkene:
        """Learn from n judgements: three array-likes of length n. gold: item -> its true label, which pins its posterior.

        The same person may judge an item more than once. The result depends on nothing but the arguments. Raises ValueError
        with a sentence when the input cannot be used (see `btm.rules.judgements.encode`).
        """
        known = encode(workers, items, labels, gold, self.classes)
        model = EmSteps(known, confusion_prior(len(known.classes), self.prior_strength, self.prior_accuracy))
        fixed = _fixed_priors(self.class_priors, len(known.classes))
        posterior = pin(majority_shares(known), known.pinned)
        before = -np.inf
        for n_iter in range(1, self.max_iter + 1):
            self.n_iter_ = n_iter
            priors = posterior.mean(axis=1) if fixed is None else fixed
            posterior, self.log_likelihood_ = model.expect(priors, model.maximise(posterior))
            if abs(self.log_likelihood_ - before) < self.tol * len(known.label):
                break
            before = self.log_likelihood_
        self.keep(known, posterior)
        if fixed is not None:
            self.priors_ = fixed
        self.counts_ = model.counts_with_prior(posterior)
        self.confusion_ = normalised(self.counts_)
        return self


def _fixed_priors(class_priors: ArrayLike | None, n_classes: int) -> Floats | None:
    if class_priors is None:
        return None
    fixed = check_probabilities(class_priors)
    if len(fixed) != n_classes:
        raise ValueError(f"class_priors has {len(fixed)} entries; there are {n_classes} classes")
    return np.asarray(fixed / fixed.sum())
