"""A candidate machine from base data and the corpus of verified errors, the hard way made right.

Appending the errors and training again teaches a machine the errors by heart and costs it ordinary pages. Here a feature
may weigh the more, the more it tells labels apart in the base, which makes ordinary pages better and so leaves room for the errors;
a cluster weighs by the square root of its size; how much the corpus weighs in all is chosen on clusters and base pages
that were held out; and the probabilities are fitted to what was held out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from classifiers.features import FeatureSettings, counts, weigh
from classifiers.learning_choice import HeldOut, Tried, calibrate, choose_total, keeps_natural, measure
from classifiers.learning_data import (
    Example,
    base_folds,
    cluster_weights,
    numbered,
    split_by_cluster,
    text_of,
)
from classifiers.learning_solver import inverse_frequency, leverage, solve
from classifiers.linear import LinearMachine
from classifiers.page import Page
from classifiers.text import PageClassifier

__all__ = ["Example", "Options", "learn", "split_by_cluster", "train_candidate"]

Floats = NDArray[np.float64]
Progress = Callable[[float, str], None]
"""Told the share of the work that is done, from 0 to 1, and what comes next."""


@dataclass(frozen=True)
class Options:
    """How to learn.

    `C`: inverse strength of the penalty. `leverage`: how much of a feature's scale is how well it tells labels apart
    (`classifiers.learning_solver.leverage`); 0 for none. `totals`: what the finds may weigh each, on average, when a base page
    weighs 1; one of them is chosen. `probe_share`: what a probe weighs, as a share of that. `folds`: parts held out in turn.
    `natural_margin`: how much average precision held-out base pages may lose against a machine of the base alone, trained
    without leverage, and how much larger the share of wrong ones may be (by half of that for the sake of caution).
    `calibration_limit`: the largest expected calibration error on them that caution about unseen regions may cost.
    """

    C: float = 10.0
    leverage: float = 0.6
    totals: tuple[float, ...] = (1.0, 4.0)
    probe_share: float = 0.25
    folds: int = 3
    natural_margin: float = 0.003
    calibration_limit: float = 0.03
    settings: FeatureSettings = field(default_factory=FeatureSettings)


def train_candidate(
    base: Sequence[Example],
    corpus: Sequence[Example],
    probes: Sequence[Example],
    labels: Sequence[str],
    *,
    name: str,
    version: str,
    seed: int,
    progress: Progress | None = None,
    options: Options | None = None,
) -> LinearMachine:
    """Train a machine of the classes `labels` on base pages, verified errors (`corpus`) and verified right answers.

    A base page that is in the corpus or among the probes too is left out of the base: what was verified stands.
    `card["learning"]` says what was tried and chosen. The same input gives the same machine; without a version,
    `save` names one by the contents.
    Raises ValueError for fewer than two labels, an unknown label, or a label with fewer than two base pages.
    """
    return _Training(base, corpus, probes, labels, seed, options or Options(), progress).run(name, version)


def learn(
    base_pages: Sequence[Page | str],
    base_labels: Sequence[str],
    corpus_pages: Sequence[Page | str],
    corpus_labels: Sequence[str],
    corpus_groups: Sequence[str],
    *,
    base_weights: Sequence[float] | None = None,
    seed: int = 0,
    progress: Progress | None = None,
    **options: Any,
) -> PageClassifier:
    """As `train_candidate`, from plain sequences; `options` are the fields of `Options`. A fitted PageClassifier."""
    weights = [1.0] * len(base_pages) if base_weights is None else base_weights
    base = [Example(*row[:2], weight=row[2]) for row in zip(base_pages, base_labels, weights, strict=True)]
    corpus = [
        Example(page, label, group, "corpus")
        for page, label, group in zip(corpus_pages, corpus_labels, corpus_groups, strict=True)
    ]
    labels, chosen = sorted(set(base_labels)), Options(**options)
    machine = train_candidate(
        base, corpus, [], labels, name="", version="", seed=seed, progress=progress, options=chosen
    )
    return _as_classifier(machine, chosen, seed)


class _Training:
    """One training: the rows are base pages, then finds, then probes."""

    def __init__(
        self,
        base: Sequence[Example],
        corpus: Sequence[Example],
        probes: Sequence[Example],
        labels: Sequence[str],
        seed: int,
        options: Options,
        progress: Progress | None,
    ) -> None:
        verified = {text_of(each.page) for each in (*corpus, *probes)}
        self.base = [each for each in base if text_of(each.page) not in verified]
        self.examples = [*self.base, *corpus, *probes]
        self.corpus, self.probes, self.labels = list(corpus), list(probes), tuple(labels)
        self.seed, self.options = seed, options
        self.truth = numbered(self.examples, self.base, self.labels)
        self.steps = options.folds * (len(self._totals()) + 1) + 2
        self.done, self.progress = 0, progress

    def run(self, name: str, version: str) -> LinearMachine:
        self._tell("counting features")
        settings = self.options.settings
        matrix = counts([each.page for each in self.examples], settings)
        idf = inverse_frequency(matrix)
        self.kept = np.flatnonzero(idf)
        values, _ = weigh(matrix, idf, settings)
        self.matrix = csr_matrix((values, matrix.indices, matrix.indptr), shape=matrix.shape)[:, self.kept]
        held = self._held_out()
        scores, tried, start = self._cross_validate(held)
        total = choose_total(tried, self.options.natural_margin)
        # Half of the margin, so that what differs between held-out and new pages stays within it.
        most_wrong = tried[0].wrong + self.options.natural_margin / 2
        calibration, share = calibrate(scores[total], held, self.options.calibration_limit, most_wrong)
        self._tell("fitting the candidate")
        answer = self._fit(np.ones(len(self.truth), np.bool_), total, start, rounds=120)
        coef = np.zeros((settings.columns, answer.shape[1]), np.float32)
        coef[self.kept] = answer[:-1]
        card = {"learning": self._story(total, share, tried)}
        return LinearMachine(name, version, self.labels, settings, idf, coef, answer[-1], calibration, card)

    def _totals(self) -> tuple[float, ...]:
        return self.options.totals if self.corpus or self.probes else ()

    def _cross_validate(self, held: HeldOut) -> tuple[dict[float, Floats], list[Tried], Floats | None]:
        """For each total, each page's scores by a model that saw neither it nor its cluster; and an answer to start from.

        Totals rise, and end with the first under which the natural pages lose more than the margin. Total 0 is the machine
        without the corpus as it is trained ordinarily, against which the others are held.
        """
        folds, verified = self.options.folds, [*self.corpus, *self.probes]
        fold = base_folds(self.base, folds, self.seed)
        if verified:
            fold = np.concatenate((fold, split_by_cluster(verified, folds, self.seed)))
        scores: dict[float, Floats] = {}
        tried: list[Tried] = []
        starts: dict[int, Floats] = {}
        for total in (0.0, *sorted(self._totals())):
            scores[total] = np.zeros((len(fold), 1 if len(self.labels) == 2 else len(self.labels)))
            for part in range(folds):
                self._tell(f"corpus at weight {total:g}, part {part + 1} of {folds}")
                answer = starts[part] = self._fit(fold != part, total, starts.get(part, starts.get(0)))
                scores[total][fold == part] = self.matrix[fold == part] @ answer[:-1] + answer[-1]
            tried.append(measure(total, scores[total], held))
            if not keeps_natural(tried[-1], tried[0], self.options.natural_margin):
                break
        return scores, tried, starts.get(0)

    def _fit(self, inside: NDArray[np.bool_], total: float, start: Floats | None, rounds: int = 60) -> Floats:
        """One regression a label (for two labels, of the second): shape (columns + 1, m)."""
        weight = self._weights(total)
        rows = np.flatnonzero(inside & (weight > 0))
        matrix, n = self.matrix[rows], int(np.sum(rows < len(self.base)))
        columns = []
        for place, label in enumerate([1] if len(self.labels) == 2 else range(len(self.labels))):
            truth = self.truth[rows] == label
            scale = np.ones(matrix.shape[1] + 1)
            if total and self.options.leverage:
                # Of the base alone: in the corpus the words of the largest clusters would tell labels apart best.
                scale[:-1] = leverage(matrix[:n], truth[:n], weight[rows[:n]], self.options.leverage)
            scaled = csr_matrix(
                (matrix.data * scale[matrix.indices].astype(np.float32), matrix.indices, matrix.indptr),
                shape=matrix.shape,
            )
            first = None if start is None else start[:, place] / scale
            columns.append(
                scale * solve(scaled, truth, weight[rows], self.options.C, start=first, rounds=rounds)
            )
        return np.column_stack(columns)

    def _weights(self, total: float) -> Floats:
        base = np.array([each.weight for each in self.base])
        finds = total * cluster_weights(self.corpus)
        probes = total * self.options.probe_share * cluster_weights(self.probes)
        return np.concatenate((base, finds, probes))

    def _held_out(self) -> HeldOut:
        n, finds = len(self.base), len(self.corpus)
        place = np.arange(len(self.truth))
        is_find = (place >= n) & (place < n + finds)
        return HeldOut(self.truth, place < n, is_find, self._weights(1.0), len(self.labels))

    def _story(self, total: float, share: float, tried: Sequence[Tried]) -> dict[str, Any]:
        return {
            "base_pages": len(self.base),
            "finds": len(self.corpus),
            "probes": len(self.probes),
            "clusters": len({each.group for each in self.corpus if each.group}),
            "chosen_total": total,
            "calibration_share": share,
            "tried": [{key: round(value, 5) for key, value in asdict(each).items()} for each in tried],
        }

    def _tell(self, what: str) -> None:
        if self.progress is not None:
            self.progress(self.done / self.steps, what)
        self.done += 1


def _as_classifier(machine: LinearMachine, options: Options, seed: int) -> PageClassifier:
    s = options.settings
    classifier = PageClassifier(
        bits=s.bits,
        word_ngrams=s.word_ngrams,
        character_ngrams=s.character_ngrams,
        namespaces=s.namespaces,
        max_characters=s.max_characters,
        C=options.C,
        folds=options.folds,
        random_state=seed,
    )
    classifier.classes_ = np.array(machine.classes_)
    classifier.machine_ = machine
    classifier.calibrated_ = True
    classifier.held_out_scores_ = None
    return classifier
