"""The trainable text machine: logistic regression over hashed words and characters, with calibrated probabilities.

A page is more than its body: title, description, headings, link text, URL and language are name spaces of their
own (`classifiers.features`). Title, description and headings count as body text too.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_matrix
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold
from sklearn.utils.validation import check_is_fitted

from classifiers.features import NAMESPACES, FeatureSettings, counts, weigh
from classifiers.linear import LinearMachine
from classifiers.page import Page

_FEW_PAGES = 200
Floats = NDArray[np.float64]


class PageClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """A calibrated linear classifier of pages, where a page is a plain string or a `classifiers.machine.Page`.

    Parameters
    ----------
    bits : the feature table has 2**bits columns.
    word_ngrams : 1 for words, 2 for words and pairs of neighbours.
    character_ngrams : lengths of character n-grams within words; empty for none.
    namespaces : which parts of a page to read, of `classifiers.features.NAMESPACES`.
    max_characters : how much of a long body is read.
    C : inverse strength of the L2 penalty, as in scikit-learn.
    class_weight : None, "balanced" or a dictionary, as in scikit-learn.
    minimum_pages : a feature seen on fewer pages is ignored (never so in fewer than 200 pages).
    folds : number of held-out folds on whose scores the probabilities are calibrated; 0 leaves them uncalibrated.
    random_state : seed of the folds and of the solver.

    Learned
    -------
    classes_ : the labels, sorted, shape (k,).
    machine_ : what is asked and saved, a `classifiers.linear.LinearMachine`.
    calibrated_ : whether there were enough pages of each label to calibrate.
    held_out_scores_ : every training page's scores by a model that did not see it, shape (n, m), or None;
        `machine_.calibrate` turns them into probabilities, on which a threshold may be chosen.
    """

    def __init__(
        self,
        *,
        bits: int = 19,
        word_ngrams: int = 2,
        character_ngrams: tuple[int, ...] = (4,),
        namespaces: tuple[str, ...] = NAMESPACES,
        max_characters: int = 20_000,
        C: float = 10.0,
        class_weight: str | dict[str, float] | None = None,
        minimum_pages: int = 2,
        folds: int = 5,
        random_state: int = 0,
    ) -> None:
        self.bits = bits
        self.word_ngrams = word_ngrams
        self.character_ngrams = character_ngrams
        self.namespaces = namespaces
        self.max_characters = max_characters
        self.C = C
        self.class_weight = class_weight
        self.minimum_pages = minimum_pages
        self.folds = folds
        self.random_state = random_state

    def fit(
        self,
        pages: Sequence[Page | str],
        labels: ArrayLike,
        sample_weight: ArrayLike | None = None,
        groups: ArrayLike | None = None,
    ) -> Self:
        """Learn from n pages, their n labels and, if given, n weights.

        `groups`, shape (n,): pages of one group never stand on both sides of a calibration fold.
        Raises ValueError where lengths differ, there is no page, or fewer than two labels.
        """
        y, weight = self._check(pages, labels, sample_weight)
        settings = self._settings()
        matrix = counts(pages, settings)
        idf = self._idf(matrix, len(y))
        values, _ = weigh(matrix, idf, settings)
        kept = np.flatnonzero(idf)
        weighed = csr_matrix((values, matrix.indices, matrix.indptr), shape=matrix.shape)[:, kept]
        held_out = self._held_out_scores(weighed, y, weight, groups)
        learned, intercept = self._solve(weighed, y, weight)
        coef = np.zeros((settings.columns, len(intercept)), np.float32)
        coef[kept] = learned
        calibration = _calibration(held_out, y, weight, len(self.classes_))
        self.calibrated_ = held_out is not None
        self.held_out_scores_ = held_out
        labels_ = tuple(str(label) for label in self.classes_)
        self.machine_ = LinearMachine("", "", labels_, settings, idf, coef, intercept, calibration)
        return self

    def predict_proba(self, pages: Sequence[Page | str]) -> Floats:
        """The probability of each label, shape (n, k). Raises NotFittedError before `fit`."""
        check_is_fitted(self, "machine_")
        _refuse_one_string(pages)
        return self.machine_.predict_proba(pages)

    def decision_function(self, pages: Sequence[Page | str]) -> Floats:
        """Uncalibrated log odds: shape (n,) for two labels, of the second; shape (n, k) for more."""
        check_is_fitted(self, "machine_")
        _refuse_one_string(pages)
        scores = self.machine_.scores(counts(pages, self.machine_.settings))
        return scores[:, 0] if len(self.classes_) == 2 else scores

    def predict(self, pages: Sequence[Page | str]) -> NDArray[Any]:
        """The most probable label of each page, shape (n,)."""
        return np.asarray(self.classes_[self.predict_proba(pages).argmax(axis=1)])

    def save(
        self,
        folder: str | Path,
        *,
        name: str,
        version: str = "",
        card: dict[str, Any] | None = None,
        readme: str = "",
    ) -> LinearMachine:
        """Write the artifact folder that `classifiers.machine.load` reads; returns the machine as loaded."""
        check_is_fitted(self, "machine_")
        m = self.machine_
        named = LinearMachine(
            name, version, m.classes_, m.settings, m.idf, m.coef, m.intercept, m.calibration, card or {}
        )
        return named.save(folder, readme)

    def __sklearn_tags__(self) -> Any:
        """Pages are texts, not rows of numbers: scikit-learn's checks on numbers do not apply."""
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = False
        tags.input_tags.string = True
        return tags

    def _settings(self) -> FeatureSettings:
        return FeatureSettings(
            self.bits,
            self.word_ngrams,
            tuple(self.character_ngrams),
            tuple(self.namespaces),
            self.max_characters,
        )

    def _check(
        self, pages: Sequence[Page | str], labels: ArrayLike, sample_weight: ArrayLike | None
    ) -> tuple[NDArray[np.int64], Floats]:
        _refuse_one_string(pages)
        self.classes_, y = np.unique(np.asarray(labels), return_inverse=True)
        weight = np.ones(len(y)) if sample_weight is None else np.asarray(sample_weight, np.float64)
        if not len(pages) == len(y) == len(weight):
            raise ValueError(f"there are {len(pages)} pages, {len(y)} labels and {len(weight)} weights")
        if len(self.classes_) < 2:
            raise ValueError(
                f"a classifier needs pages of two labels or more; these are of {len(self.classes_)}"
            )
        return y.astype(np.int64), weight

    def _idf(self, matrix: csr_matrix, pages: int) -> NDArray[np.float32]:
        frequency = np.bincount(matrix.indices, minlength=matrix.shape[1])
        idf = np.log((1 + pages) / (1 + frequency)) + 1
        idf[frequency < (self.minimum_pages if pages >= _FEW_PAGES else 1)] = 0
        return idf.astype(np.float32)

    def _solve(self, matrix: csr_matrix, y: NDArray[np.int64], weight: Floats) -> tuple[Floats, Floats]:
        """One logistic regression a label (for two labels, of the second): coefficients (columns, m), (m,)."""
        k = len(self.classes_)
        columns, intercepts = [], []
        for label in [1] if k == 2 else range(k):
            model = LogisticRegression(
                C=self.C, solver="liblinear", random_state=self.random_state, max_iter=200
            )
            model.fit(matrix, y == label, weight * self._class_weights(y, label))
            columns.append(model.coef_[0])
            intercepts.append(model.intercept_[0])
        return np.column_stack(columns), np.array(intercepts)

    def _class_weights(self, y: NDArray[np.int64], label: int) -> Floats:
        if self.class_weight is None:
            return np.ones(len(y))
        if self.class_weight == "balanced":
            share = float(np.mean(y == label))
            return np.where(y == label, 0.5 / max(share, 1e-9), 0.5 / max(1 - share, 1e-9))
        if isinstance(self.class_weight, str):
            raise ValueError(
                f"class_weight is {self.class_weight!r}; it must be 'balanced', a dictionary or None"
            )
        return np.array([self.class_weight.get(name, 1.0) for name in self.classes_])[y]

    def _held_out_scores(
        self, matrix: csr_matrix, y: NDArray[np.int64], weight: Floats, groups: ArrayLike | None
    ) -> Floats | None:
        """Each page's scores by a model that did not see it, shape (n, m); None where a label has too few pages."""
        folds = min(self.folds, int(np.bincount(y).min()))
        if folds < 2:
            return None
        if groups is None:
            parts = StratifiedKFold(folds, shuffle=True, random_state=self.random_state).split(matrix, y)
        else:
            parts = StratifiedGroupKFold(folds, shuffle=True, random_state=self.random_state).split(
                matrix, y, groups
            )
        k = len(self.classes_)
        scores = np.zeros((len(y), 1 if k == 2 else k))
        for train, test in parts:
            coef, intercept = self._solve(matrix[train], y[train], weight[train])
            scores[test] = matrix[test] @ coef + intercept
        return scores


def _calibration(scores: Floats | None, y: NDArray[np.int64], weight: Floats, k: int) -> Floats:
    """The matrix of `LinearMachine.calibration`, by logistic regression on held-out scores (Platt 1999)."""
    m = 1 if k == 2 else k
    identity = np.vstack((np.array([[0.0, 1.0]]) if k == 2 else np.eye(k), np.zeros((1, k))))
    if scores is None:
        return identity
    model = LogisticRegression(C=1e3, max_iter=1000).fit(scores, y, weight)
    if k == 2:
        return np.array([[0.0, model.coef_[0, 0]], [0.0, model.intercept_[0]]])
    return np.vstack((model.coef_.T, model.intercept_)).reshape(m + 1, k)


def _refuse_one_string(pages: object) -> None:
    if isinstance(pages, (str, Page)):
        raise ValueError("pages is one page; give a list of pages")
