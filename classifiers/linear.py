"""The machine as it is asked: weights over hashed TF-IDF, then calibration. NumPy and SciPy only.

`classifiers.text.PageClassifier` learns one of these; `load_linear` reads one from its artifact folder.
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

from classifiers.artifact import SIZE_CAP, Artifact, read_artifact, write_artifact
from classifiers.errors import MachineRefused
from classifiers.features import FeatureSettings, counts, weigh
from classifiers.page import Page

KIND = "linear-1"


@dataclass(frozen=True, eq=False)
class LinearMachine:
    """A linear model over hashed TF-IDF. With k classes it has m scores a page: 1 where k is 2, else k.

    `idf`: shape (columns,). `coef`: shape (columns, m). `intercept`: shape (m,).
    `calibration`: shape (m + 1, k), of which the last row is an offset; the probabilities are
    softmax(scores @ calibration[:-1] + calibration[-1]), which for two classes is Platt's sigmoid.
    """

    name: str
    version: str
    classes_: tuple[str, ...]
    settings: FeatureSettings
    idf: NDArray[np.floating]
    coef: NDArray[np.floating]
    intercept: NDArray[np.floating]
    calibration: NDArray[np.floating]
    card: dict[str, Any] = field(default_factory=dict)

    def predict_proba(self, pages: Sequence[Page | str]) -> NDArray[np.float64]:
        """The probability of each class, shape (n, k), columns in the order of `classes_`."""
        return self.predict_counts(counts(pages, self.settings))

    def predict_counts(self, matrix: csr_matrix) -> NDArray[np.float64]:
        """As `predict_proba`, from `classifiers.features.counts(pages, self.settings)`."""
        return self.calibrate(self.scores(matrix))

    def predict(self, pages: Sequence[Page | str]) -> list[str]:
        """The most probable class of each page."""
        return [self.classes_[best] for best in self.predict_proba(pages).argmax(axis=1)]

    def scores(self, matrix: csr_matrix) -> NDArray[np.float64]:
        """Uncalibrated scores (log odds), shape (n, m)."""
        values, row = weigh(matrix, self.idf, self.settings)
        weights = self.coef[matrix.indices].astype(np.float32)
        columns = [np.bincount(row, values * weight, matrix.shape[0]) for weight in weights.T]
        return np.column_stack(columns) + self.intercept

    def calibrate(self, scores: NDArray[np.float64]) -> NDArray[np.float64]:
        """Scores (n, m) to probabilities (n, k)."""
        logits = scores @ self.calibration[:-1] + self.calibration[-1]
        logits -= logits.max(axis=1, keepdims=True)
        odds = np.exp(logits)
        return np.asarray(odds / odds.sum(axis=1, keepdims=True))

    def save(self, folder: str | Path, readme: str = "") -> LinearMachine:
        """Write the artifact folder, weights in half precision, and return the machine as `load_linear` reads it.

        A machine without a version gets one from its contents, so that equal machines have equal versions.
        """
        idf, coef = np.asarray(self.idf, np.float16), np.asarray(self.coef, np.float16)
        settings = self._settings()
        digest = hashlib.sha256(json.dumps(settings, sort_keys=True).encode())
        digest.update(idf.tobytes())
        digest.update(coef.tobytes())
        settings |= {"name": self.name, "version": self.version or digest.hexdigest()[:12]}
        write_artifact(Path(folder), settings, {"idf": idf, "coef": coef}, self.card, readme)
        return load_linear(Path(folder))

    def _settings(self) -> dict[str, Any]:
        features = {key: value for key, value in asdict(self.settings).items() if key != "edges"}
        return {
            "kind": KIND,
            "classes": list(self.classes_),
            "features": features,
            "intercept": np.asarray(self.intercept, np.float64).tolist(),
            "calibration": np.asarray(self.calibration, np.float64).tolist(),
        }


def load_linear(folder: Path, size_cap: int = SIZE_CAP) -> LinearMachine:
    """Read a machine from its artifact folder. Raises MachineNotFound or MachineRefused, with the reason."""
    artifact = read_artifact(folder, size_cap)
    if artifact.settings.get("kind") != KIND:
        raise MachineRefused(
            f"{folder.name} is of the kind {artifact.settings.get('kind')!r}; only {KIND!r} is known."
        )
    try:
        machine = _build(artifact)
    except (KeyError, TypeError, ValueError) as error:
        raise MachineRefused(f"The machine.json of {folder.name} is not understood: {error}.") from error
    _check_shapes(machine)
    return machine


def _build(artifact: Artifact) -> LinearMachine:
    settings = artifact.settings
    features = dict(settings["features"])
    features["character_ngrams"] = tuple(features["character_ngrams"])
    features["namespaces"] = tuple(features["namespaces"])
    return LinearMachine(
        name=str(settings["name"]),
        version=str(settings["version"]),
        classes_=tuple(str(label) for label in settings["classes"]),
        settings=FeatureSettings(**features),
        idf=artifact.arrays["idf"],
        coef=artifact.arrays["coef"],
        intercept=np.array(settings["intercept"], np.float64),
        calibration=np.array(settings["calibration"], np.float64),
        card=artifact.card,
    )


def _check_shapes(machine: LinearMachine) -> None:
    k, columns = len(machine.classes_), machine.settings.columns
    m = 1 if k == 2 else k
    wanted = {"idf": (columns,), "coef": (columns, m), "intercept": (m,), "calibration": (m + 1, k)}
    for part, shape in wanted.items():
        found = getattr(machine, part)
        if found.shape != shape:
            raise MachineRefused(f"The machine's {part} has the shape {found.shape}; {shape} was expected.")
        if not np.isfinite(found).all():
            raise MachineRefused(f"The machine's {part} holds NaN or infinity.")
    if k < 2 or len(set(machine.classes_)) != k:
        raise MachineRefused("A machine needs at least two labels, no two the same.")
