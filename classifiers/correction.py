"""A correction layer over a machine that cannot be trained: a black box that answers with probabilities.

The corrected log odds are the machine's own plus a weighted sum over the page's words and characters. The weights are
drawn to zero, and there is no constant: of a page in which nothing was learned to matter, the machine's answer stands.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from classifiers.artifact import read_artifact, write_artifact
from classifiers.errors import MachineRefused
from classifiers.features import FeatureSettings, counts, weigh
from classifiers.learning_data import Example, cluster_weights, text_of
from classifiers.learning_solver import solve
from classifiers.machine import Machine, check_probabilities
from classifiers.page import Page

KIND = "corrected-1"
Floats = NDArray[np.float64]
_SMALLEST = 1e-6
_TRUST = 2.0
"""In training the machine's log odds on ordinary pages count up to this. On pages that it was trained on it is surer than it
ought to be, and a page of which it is too sure would not resist any change."""


@dataclass(frozen=True, eq=False)
class CorrectedMachine:
    """Any machine, with what was learned from its errors on top. With k classes there are m weights a feature: 1 where k is 2.

    `idf`: shape (columns,). `coef`: shape (columns, m), added to the log odds of each class (for two, of the second).
    """

    name: str
    version: str
    machine: Machine
    settings: FeatureSettings
    idf: NDArray[np.floating]
    coef: NDArray[np.floating]
    card: dict[str, Any] = field(default_factory=dict)

    @property
    def classes_(self) -> tuple[str, ...]:
        return tuple(self.machine.classes_)

    def predict_proba(self, pages: Sequence[Page | str]) -> Floats:
        """The probability of each class, shape (n, k). Raises what the machine below raises, and MachineMisbehaved."""
        answer = check_probabilities(
            self.machine.predict_proba(pages), len(pages), len(self.classes_), self.name
        )
        logits = np.log(np.clip(answer, _SMALLEST, 1.0))
        shift = self.shift(pages)
        logits[:, -shift.shape[1] :] += shift
        odds = np.exp(logits - logits.max(axis=1, keepdims=True))
        return np.asarray(odds / odds.sum(axis=1, keepdims=True))

    def shift(self, pages: Sequence[Page | str]) -> Floats:
        """What is added to the log odds, shape (n, m): 0 for a page without a word that matters."""
        matrix = counts(pages, self.settings)
        values, row = weigh(matrix, self.idf, self.settings)
        weights = self.coef[matrix.indices].astype(np.float32)
        return np.column_stack([np.bincount(row, values * each, matrix.shape[0]) for each in weights.T])

    def save(self, folder: str | Path, readme: str = "") -> CorrectedMachine:
        """Write the artifact folder, and return the machine as `load_corrected` reads it. The machine below is named, not copied.

        Without a version it gets one from its contents and the machine below.
        """
        idf, coef = np.asarray(self.idf, np.float16), np.asarray(self.coef, np.float16)
        settings = self._settings()
        digest = hashlib.sha256(json.dumps(settings, sort_keys=True).encode())
        digest.update(idf.tobytes())
        digest.update(coef.tobytes())
        settings |= {"name": self.name, "version": self.version or digest.hexdigest()[:12]}
        write_artifact(Path(folder), settings, {"idf": idf, "coef": coef}, self.card, readme)
        return load_corrected(folder, self.machine)

    def _settings(self) -> dict[str, Any]:
        features = {key: value for key, value in asdict(self.settings).items() if key != "edges"}
        below = {"name": self.machine.name, "version": self.machine.version}
        return {"kind": KIND, "classes": list(self.classes_), "features": features, "machine": below}


def load_corrected(folder: str | Path, machine: Machine) -> CorrectedMachine:
    """Read a correction layer and set it on the machine that it was made for.

    Raises MachineNotFound, and MachineRefused for anything but an undamaged layer of this very machine and version.
    """
    artifact = read_artifact(Path(folder))
    settings = artifact.settings
    if settings.get("kind") != KIND:
        raise MachineRefused(
            f"{Path(folder).name} is of the kind {settings.get('kind')!r}; {KIND!r} was expected."
        )
    try:
        below = (settings["machine"]["name"], settings["machine"]["version"], tuple(settings["classes"]))
        features = dict(settings["features"])
        for key in ("character_ngrams", "namespaces"):
            features[key] = tuple(features[key])
        made = FeatureSettings(**features)
        idf, coef = artifact.arrays["idf"], artifact.arrays["coef"]
        name, version = str(settings["name"]), str(settings["version"])
    except (KeyError, TypeError, ValueError) as error:
        raise MachineRefused(
            f"The machine.json of {Path(folder).name} is not understood: {error}."
        ) from error
    if below != (machine.name, machine.version, tuple(machine.classes_)):
        raise MachineRefused(
            f"This correction was made for {below[0]} {below[1]}, not for {machine.name} {machine.version}."
        )
    m = 1 if len(below[2]) == 2 else len(below[2])
    if idf.shape != (made.columns,) or coef.shape != (made.columns, m):
        raise MachineRefused(
            f"The correction's arrays have the shapes {idf.shape} and {coef.shape}; that is not right."
        )
    return CorrectedMachine(name, version, machine, made, idf, coef, artifact.card)


def train_correction(
    base_machine: Machine,
    base_examples: Sequence[Example],
    corpus: Sequence[Example],
    probes: Sequence[Example],
    *,
    name: str,
    version: str = "",
    total: float = 3.0,
    probe_share: float = 0.25,
    C: float = 3.0,
    settings: FeatureSettings | None = None,
) -> CorrectedMachine:
    """Learn what to add to a machine's log odds from its verified errors (`corpus`) and right answers (`probes`).

    `base_examples`: ordinary pages, on which its answers are to stay as they are. `total`: what a find weighs on
    average, when a base page weighs 1; a cluster weighs by the square root of its size. `C`: inverse strength of the penalty.
    Deterministic. Raises ValueError for an unknown label or no finds; MachineError where the machine does not answer.
    """
    labels = list(base_machine.classes_)
    verified = {text_of(each.page) for each in (*corpus, *probes)}
    base = [each for each in base_examples if text_of(each.page) not in verified]
    examples = [*base, *corpus, *probes]
    if unknown := sorted({each.label for each in examples} - set(labels)):
        raise ValueError(f"{unknown[0]!r} is no label of the machine")
    if not corpus:
        raise ValueError("there are no verified errors to learn from")
    truth = np.array([labels.index(each.label) for each in examples])
    weight = np.concatenate(
        (
            [each.weight for each in base],
            total * cluster_weights(corpus),
            total * probe_share * cluster_weights(probes),
        )
    )
    pages = [each.page for each in examples]
    answer = check_probabilities(base_machine.predict_proba(pages), len(pages), len(labels))
    made = settings or FeatureSettings()
    idf, coef = _fit(counts(pages, made), len(base), made, truth, weight, answer, C)
    story = {"base_pages": len(base), "finds": len(corpus), "probes": len(probes), "total": total}
    return CorrectedMachine(name, version, base_machine, made, idf, coef, {"correction": story})


def _fit(
    matrix: csr_matrix,
    base: int,
    settings: FeatureSettings,
    truth: NDArray[np.int64],
    weight: Floats,
    answer: Floats,
    C: float,
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The layer's idf and weights. Only features of verified pages get a weight: of others nothing is known."""
    frequency = np.bincount(matrix.indices, minlength=settings.columns)
    idf = (np.log((1 + matrix.shape[0]) / (1 + frequency)) + 1).astype(np.float32)
    known = np.unique(matrix[base:].indices)
    values, _ = weigh(matrix, idf, settings)
    weighed = csr_matrix((values, matrix.indices, matrix.indptr), shape=matrix.shape)[:, known]
    chance = np.clip(answer, _SMALLEST, 1 - _SMALLEST)
    told = [1] if answer.shape[1] == 2 else range(answer.shape[1])
    coef = np.zeros((settings.columns, len(told)), np.float32)
    for place, label in enumerate(told):
        odds = np.log(chance[:, label] / (1 - chance[:, label]))
        odds[:base] = np.clip(odds[:base], -_TRUST, _TRUST)
        # Ordinary pages are to keep the machine's own answer: with their labels for targets, every one of them would
        # pull, the many of the commonest label most, and probabilities would lose their meaning.
        target = np.where(np.arange(len(truth)) < base, 1 / (1 + np.exp(-odds)), truth == label)
        coef[known, place] = solve(weighed, target, weight, C, offset=odds, intercept=False)[:-1]
    return idf, coef
