"""What a scan asks of every page: all that a worker needs, as one value that can be sent to it."""

from __future__ import annotations

import hashlib
import importlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from classifiers.machine import Checked, Machine
from classifiers.novelty import SETTINGS, KnownUnknowns
from classifiers.scan.extractor import Extractor
from classifiers.scan.records import MOST_BYTES, MOST_TAGS

READ_PAGE = "classifiers.scan.extractor:read_page"


@dataclass(frozen=True)
class Loader:
    """How a worker comes by the machine: a function at "module:name" and what it is called with.

    `classifiers.machine:load_default` with a name, `classifiers.machine:load` with a folder that every worker sees,
    `classifiers.remote:RemoteMachine` with an endpoint. The function runs: only names that the operator wrote belong here.
    """

    function: str
    arguments: Mapping[str, Any] = field(default_factory=dict)

    def load(self) -> Machine:
        """The machine, its answers checked. Raises MachineError, or ImportError for a wrong name."""
        return Checked(find(self.function)(**self.arguments))


@dataclass(frozen=True, eq=False)
class Known:
    """The judged probes that the known-unknowns model rests on.

    `rows`, shape (n, columns): `classifiers.novelty.vectorise` of their pages. `is_error`, shape (n,). `clusters`: n names,
    of which those of probes that were no errors are not looked at.
    """

    rows: csr_matrix
    is_error: NDArray[np.bool_]
    clusters: Sequence[str]

    def __post_init__(self) -> None:
        if not self.rows.shape[0] == len(self.is_error) == len(self.clusters):
            raise ValueError(
                f"there are {self.rows.shape[0]} rows, {len(self.is_error)} judgements and {len(self.clusters)} clusters"
            )

    @classmethod
    def nothing(cls) -> Known:
        """Before the first verdict."""
        return cls(csr_matrix((0, SETTINGS.columns), dtype=np.float32), np.zeros(0, np.bool_), ())

    def model(self) -> KnownUnknowns:
        """The model; its ids are the numbers of rows."""
        return KnownUnknowns().partial_fit(self.rows, self.is_error, range(len(self.clusters)))


@dataclass(frozen=True, eq=False)
class ScanPlan:
    """What is asked of each page of a crawl.

    `target` is what the pages sought truly are. `costs`, label -> 0 to 1, is how bad it is to say that label of such a page;
    without it every other label costs 1. A page is *open* from `min_severity` on: were it of the target, the machine would
    be that wrong. An open page is a *suspect* when the known-unknowns model gives it `min_foreseeable` or more.
    `batch` pages are asked about at once. `suspects` best are kept, `per_host` of a host at most, and of each cluster a
    sample of `sample`, drawn by `salt`. `block` is how many pages in a row are a unit for the interval (docs/scan.md).
    `most_bytes` and `most_tags` bound a record, `most_records` one step through a file that cannot be cut.
    """

    machine: Loader
    target: str
    known: Known
    costs: Mapping[str, float] = field(default_factory=dict)
    extractor: str = READ_PAGE
    batch: int = 64
    min_severity: float = 0.5
    min_foreseeable: float = 0.5
    suspects: int = 200
    per_host: int = 3
    sample: int = 50
    salt: int = 0
    block: int = 1000
    most_bytes: int = MOST_BYTES
    most_tags: int = MOST_TAGS
    most_records: int = 20_000

    def costs_of(self, classes: Sequence[str]) -> NDArray[np.float64]:
        """The cost of each label, shape (k,). Raises ValueError where the machine does not know the target."""
        if self.target not in classes:
            raise ValueError(f"the machine knows {', '.join(classes)}, and no {self.target!r}")
        return np.array([0.0 if name == self.target else self.costs.get(name, 1.0) for name in classes])

    def digest(self) -> str:
        """Equal for plans that give equal results, so that a scan is not resumed with another plan."""
        plain = {
            name: value
            for name, value in vars(self).items()
            if name not in ("machine", "known", "costs", "batch", "most_records")
        }
        plain |= {"machine": [self.machine.function, dict(self.machine.arguments)], "costs": dict(self.costs)}
        plain["clusters"] = list(self.known.clusters)
        told = hashlib.sha256(json.dumps(plain, sort_keys=True, default=str).encode())
        for part in (
            self.known.rows.data,
            self.known.rows.indices,
            self.known.rows.indptr,
            self.known.is_error,
        ):
            told.update(np.ascontiguousarray(part).tobytes())
        return told.hexdigest()


def find(name: str) -> Any:
    """What is at "module:name". Raises ImportError with a plain sentence."""
    module, _, attribute = name.partition(":")
    try:
        return getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError, ValueError) as error:
        raise ImportError(f"There is nothing to import at {name!r}.") from error


def extractor(plan: ScanPlan) -> Extractor:
    """The plan's extractor. Raises ImportError for a wrong name."""
    found: Extractor = find(plan.extractor)
    return found
