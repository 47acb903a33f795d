"""Machines that were made elsewhere: any scikit-learn estimator over strings, by import path or skops file."""

from __future__ import annotations

import importlib
import json
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifiers.artifact import SIZE_CAP, why_not_a_file
from classifiers.errors import MachineNotFound, MachineRefused
from classifiers.machine import check_probabilities
from classifiers.page import Page, as_page

TRUSTED = frozenset(
    {
        "builtins.bool", "builtins.dict", "builtins.float", "builtins.int", "builtins.list", "builtins.set",
        "builtins.slice", "builtins.str", "builtins.tuple", "builtins.type", "collections.OrderedDict",
        "numpy.bool", "numpy.dtype", "numpy.dtypes.Float32DType", "numpy.dtypes.Float64DType",
        "numpy.dtypes.Int32DType", "numpy.dtypes.Int64DType", "numpy.dtypes.ObjectDType", "numpy.dtypes.StrDType",
        "numpy.float32", "numpy.float64", "numpy.int32", "numpy.int64", "numpy.ndarray",
        "scipy.sparse._csr.csr_matrix", "scipy.sparse._dia.dia_matrix",
        "sklearn._loss.link.Interval", "sklearn._loss.link.LogitLink",
        "sklearn._loss.loss.HalfBinomialLoss", "sklearn._loss.loss.HalfMultinomialLoss",
        "sklearn.calibration.CalibratedClassifierCV", "sklearn.calibration._CalibratedClassifier",
        "sklearn.calibration._SigmoidCalibration", "sklearn.feature_extraction.text.CountVectorizer",
        "sklearn.feature_extraction.text.HashingVectorizer", "sklearn.feature_extraction.text.TfidfTransformer",
        "sklearn.feature_extraction.text.TfidfVectorizer", "sklearn.isotonic.IsotonicRegression",
        "sklearn.linear_model._logistic.LogisticRegression", "sklearn.naive_bayes.ComplementNB",
        "sklearn.naive_bayes.MultinomialNB", "sklearn.pipeline.FeatureUnion", "sklearn.pipeline.Pipeline",
    }
)  # fmt: skip
"""The only types that a skops file may name. The list is ours; what a file says of itself is never asked."""


def page_text(page: Page | str) -> str:
    """A page as one text, for an estimator that takes strings: title, description, headings, body."""
    page = as_page(page)
    return "\n".join(part for part in (page.title, page.description, *page.headings, page.text) if part)


class EstimatorMachine:
    """Any estimator with `classes_` and `predict_proba` over strings, as a machine."""

    def __init__(
        self, estimator: Any, *, name: str, version: str = "1", card: Mapping[str, Any] | None = None
    ) -> None:
        if not callable(getattr(estimator, "predict_proba", None)):
            raise MachineRefused(f"{name} has no predict_proba, so it cannot say how sure it is.")
        if getattr(estimator, "classes_", None) is None:
            raise MachineRefused(f"{name} has no classes_; a machine must be fitted before it plays.")
        self.estimator = estimator
        self.name = name
        self.version = version
        self.card = dict(card or {})
        self.classes_ = tuple(str(label) for label in estimator.classes_)

    def predict_proba(self, pages: Sequence[Page | str]) -> NDArray[np.float64]:
        """Probabilities, shape (n, k), checked. Raises MachineMisbehaved, or whatever the estimator raises."""
        if not len(pages):
            return np.empty((0, len(self.classes_)))
        answer = self.estimator.predict_proba([page_text(page) for page in pages])
        return check_probabilities(answer, len(pages), len(self.classes_), self.name)


def from_import_path(path: str, *, name: str = "", version: str = "1") -> EstimatorMachine:
    """The estimator at "module:attribute", or the one that the function there returns, as a machine.

    This runs the module's code: only a path that the operator wrote belongs here, never a stranger's.
    Raises MachineNotFound where there is none, MachineRefused where it is no fitted classifier.
    """
    module_name, _, attribute = path.partition(":")
    if not module_name or not attribute:
        raise MachineNotFound(f"{path!r} is no import path; write it as module:attribute.")
    try:
        found: Any = importlib.import_module(module_name)
        for part in attribute.split("."):
            found = getattr(found, part)
    except (ImportError, AttributeError) as error:
        raise MachineNotFound(f"There is nothing to import at {path!r}.") from error
    if isinstance(found, type) or (callable(found) and not hasattr(found, "predict_proba")):
        found = found()
    return EstimatorMachine(found, name=name or path, version=version)


def load_skops(path: str | Path, *, name: str = "", size_cap: int = SIZE_CAP) -> EstimatorMachine:
    """A fitted scikit-learn text pipeline from a skops file, if every type that it names is in `TRUSTED`.

    Needs the package skops, which the product does not install by itself. Raises MachineRefused with the reason.
    """
    path = Path(path)
    if not path.is_file():
        raise MachineNotFound(f"There is no file {path.name!r}.")
    named = skops_types(path, size_cap)
    if untrusted := sorted(named - TRUSTED):
        raise MachineRefused(
            f"{path.name} names types that are not trusted, so it is not loaded: {', '.join(untrusted)}."
        )
    try:
        from skops.io import load
    except ImportError as error:
        raise MachineRefused(
            f"{path.name} names only trusted types, but the package skops is not installed. Install skops, or train "
            "the machine here with classifiers.text.PageClassifier."
        ) from error
    try:
        estimator = load(path, trusted=sorted(TRUSTED))
    except Exception as error:
        raise MachineRefused(
            f"{path.name} could not be read as a skops file: {type(error).__name__}."
        ) from error
    return EstimatorMachine(estimator, name=name or path.stem)


def skops_types(path: Path, size_cap: int = SIZE_CAP) -> set[str]:
    """Every type that a skops file names, read from its schema without importing or building any of them."""
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
            if size > size_cap:
                raise MachineRefused(
                    f"{path.name} unpacks to {size:,} bytes; at most {size_cap:,} are allowed."
                )
            if "schema.json" not in archive.namelist():
                raise MachineRefused(
                    f"{path.name} is an archive without a schema.json, so it is no skops file."
                )
            schema = json.loads(archive.read("schema.json"))
        return set(_types(schema))
    except zipfile.BadZipFile as error:
        head = path.read_bytes()[:1]
        whole = head == b"\x80" or path.suffix != ".skops"
        raise MachineRefused(
            why_not_a_file(path) if whole else f"{path.name} is truncated or damaged."
        ) from error
    except (ValueError, RecursionError, KeyError, EOFError, zlib.error) as error:
        if isinstance(error, MachineRefused):
            raise
        raise MachineRefused(f"{path.name} is damaged: its schema cannot be read.") from error


def _types(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        if "__class__" in node:
            yield f"{node.get('__module__', '')}.{node['__class__']}"
        for value in node.values():
            yield from _types(value)
    elif isinstance(node, list):
        for value in node:
            yield from _types(value)
