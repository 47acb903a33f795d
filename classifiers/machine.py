"""The machines that are there to be beaten: one protocol, in scikit-learn's words, and how to come by one.

A machine maps pages to a probability for each label. It is a black box. Four ways to have one: a shipped default
(`load_default`), one trained here (`classifiers.text.PageClassifier`, `load`), any scikit-learn estimator
(`classifiers.foreign.from_import_path`), and an HTTP endpoint (`classifiers.remote.RemoteMachine`).
Nothing in here imports scikit-learn, so that asking a shipped machine costs no more than NumPy and SciPy do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from classifiers.errors import (
    MachineError,
    MachineMisbehaved,
    MachineNotFound,
    MachineRefused,
    MachineUnavailable,
)
from classifiers.features import FeatureSettings, counts
from classifiers.linear import LinearMachine, load_linear
from classifiers.page import Page, as_page

__all__ = [
    "Checked",
    "Machine",
    "MachineError",
    "MachineMisbehaved",
    "MachineNotFound",
    "MachineRefused",
    "MachineUnavailable",
    "Page",
    "as_page",
    "check_probabilities",
    "default_names",
    "load",
    "load_default",
    "score_all",
    "warm_up",
]

DEFAULTS = Path(__file__).parent / "defaults"
"""The folder of the shipped machines."""


@runtime_checkable
class Machine(Protocol):
    """Anything that maps pages to probabilities. `predict_proba` returns shape (n, k), columns as `classes_`."""

    @property
    def name(self) -> str: ...

    @property
    def version(self) -> str: ...

    @property
    def card(self) -> Mapping[str, Any]: ...

    @property
    def classes_(self) -> Sequence[str]: ...

    def predict_proba(self, pages: Sequence[Page | str]) -> NDArray[np.float64]: ...


def default_names() -> tuple[str, ...]:
    """The names of the shipped machines, in alphabetical order."""
    return tuple(sorted(folder.parent.name for folder in DEFAULTS.glob("*/coef.npy")))


@lru_cache(maxsize=32)
def load_default(name: str) -> LinearMachine:
    """A shipped machine, loaded once a process. Raises MachineNotFound for a name that is not shipped."""
    if name not in default_names():
        known = ", ".join(default_names()) or "none"
        raise MachineNotFound(f"No machine called {name!r} is shipped; the shipped ones are: {known}.")
    return load(DEFAULTS / name)


def warm_up(names: Sequence[str] | None = None) -> None:
    """Load the shipped machines (or those named) and ask each once, so that no request waits for the first use.

    For a process's start; about a tenth of a second.
    """
    score_all([load_default(name) for name in (default_names() if names is None else names)], ["warm up"])


def load(path: str | Path) -> LinearMachine:
    """Load a machine from its artifact folder. No code in it is run, and its arrays are memory-mapped.

    Raises MachineNotFound where nothing is, and MachineRefused, with the reason, for anything else than an
    undamaged artifact folder: a pickle, a skops file, a truncated or changed file, a wrong shape, NaN.
    """
    return load_linear(Path(path))


def check_probabilities(
    answer: object, pages: int, classes: int, name: str = "machine", tolerance: float = 1e-3
) -> NDArray[np.float64]:
    """A machine's answer as float64 of shape (pages, classes), its rows summing to 1.

    Sums within `tolerance` of 1 are made exact. Raises MachineMisbehaved for any other answer.
    """
    try:
        table = np.asarray(answer, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise MachineMisbehaved(f"The machine {name!r} did not answer with numbers.") from error
    if table.shape != (pages, classes):
        raise MachineMisbehaved(
            f"The machine {name!r} answered in the shape {table.shape}; {(pages, classes)} was expected: "
            "a row for each page, and in it a probability for each label."
        )
    if not np.isfinite(table).all():
        raise MachineMisbehaved(f"The machine {name!r} answered NaN or infinity where a probability belongs.")
    if (table < -tolerance).any():
        raise MachineMisbehaved(f"The machine {name!r} answered a negative probability.")
    table = np.clip(table, 0.0, None)
    total = table.sum(axis=1, keepdims=True)
    if pages and np.abs(total - 1.0).max() > tolerance:
        raise MachineMisbehaved(f"The machine {name!r} answered probabilities that do not sum to 1.")
    return np.asarray(table / total)


class Wrapped:
    """Something around a machine that answers by its name, version, card and classes. What it adds is in `predict_proba`."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine

    @property
    def name(self) -> str:
        return self.machine.name

    @property
    def version(self) -> str:
        return self.machine.version

    @property
    def card(self) -> Mapping[str, Any]:
        return self.machine.card

    @property
    def classes_(self) -> Sequence[str]:
        return self.machine.classes_


class Checked(Wrapped):
    """Any machine, its every answer checked: `predict_proba` returns probabilities, or raises MachineError.

    An unforeseen exception of the machine's own code becomes MachineMisbehaved, so that a caller has one
    family of errors to catch.
    """

    def __init__(self, machine: Machine, tolerance: float = 1e-3) -> None:
        super().__init__(machine)
        self.tolerance = tolerance

    def predict_proba(self, pages: Sequence[Page | str]) -> NDArray[np.float64]:
        """Probabilities, shape (n, k). Raises MachineUnavailable or MachineMisbehaved, and nothing else."""
        try:
            answer = self.machine.predict_proba(pages)
        except MachineError:
            raise
        except Exception as error:
            raise MachineMisbehaved(f"The machine {self.name!r} failed: {type(error).__name__}.") from error
        return check_probabilities(answer, len(pages), len(self.classes_), self.name, self.tolerance)


def score_all(machines: Sequence[Machine], pages: Sequence[Page | str]) -> dict[str, NDArray[np.float64]]:
    """Ask several machines about the same pages, counting features once for all with the same settings.

    Returns name -> probabilities (n, k), unchecked for machines that are no linear ones.
    """
    shared: dict[FeatureSettings, Any] = {}
    answers: dict[str, NDArray[np.float64]] = {}
    for machine in machines:
        inner = machine.machine if isinstance(machine, Checked) else machine
        if isinstance(inner, LinearMachine):
            if inner.settings not in shared:
                shared[inner.settings] = counts(pages, inner.settings)
            answers[machine.name] = inner.predict_counts(shared[inner.settings])
        else:
            answers[machine.name] = machine.predict_proba(pages)
    return answers
