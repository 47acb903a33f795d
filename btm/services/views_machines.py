"""The values that services hand out about machines: versions, reports with all that a picture needs, and tasks."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class MachineVersionView:
    """One version of a machine. `kind` is default, trained, import or remote; `challenges` are the slugs of those that play
    against it; `made_by` is a handle, or empty for the product's and the operator's own. `measured` says whether it has a report."""

    name: str
    version: str
    kind: str
    labels: tuple[str, ...]
    created_at: datetime
    made_by: str = ""
    challenges: tuple[str, ...] = ()
    measured: bool = False
    address: str = ""


@dataclass(frozen=True, slots=True)
class FigureView:
    """A measured value (0 to 1, or nats) with its 95% interval; None where it cannot be measured. `better` is high or low."""

    key: str
    name: str
    value: float | None
    low: float | None
    high: float | None
    better: str


@dataclass(frozen=True, slots=True)
class BinView:
    """A bar of the reliability diagram: of `count` pages whose probability lay from `low` to `high`, `share_true` were true."""

    low: float
    high: float
    count: int
    mean_probability: float
    share_true: float


@dataclass(frozen=True, slots=True)
class ScoreBar:
    """One of the 20 bars of the score histogram: how many pages got a probability from `low` to `high`, by what they truly are."""

    low: float
    high: float
    true: int
    other: int


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """A point of the precision-recall curve: what flagging from `threshold` on would bring."""

    recall: float
    precision: float
    threshold: float


@dataclass(frozen=True, slots=True)
class TermView:
    """A term that speaks for a label, and how strongly (its mean share in the log odds, over pages that hold it)."""

    term: str
    weight: float


@dataclass(frozen=True, slots=True)
class GroupView:
    """The figures of some of the pages: `by` is language or source, `value` which."""

    by: str
    value: str
    pages: int
    true: int
    figures: tuple[FigureView, ...]


@dataclass(frozen=True, slots=True)
class LabelReport:
    """One label against all others: figures, reliability bins, histogram (20 bars), curve (at most 200 points), terms, groups."""

    label: str
    pages: int
    true: int
    figures: tuple[FigureView, ...]
    reliability: tuple[BinView, ...]
    histogram: tuple[ScoreBar, ...]
    curve: tuple[CurvePoint, ...]
    terms: tuple[TermView, ...]
    groups: tuple[GroupView, ...]


@dataclass(frozen=True, slots=True)
class MatrixView:
    """Who was taken for whom: `counts[true][told]`, rows and columns in the order of `labels`. With two labels, told at .5."""

    labels: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class EvaluationView:
    """One measurement of a machine: on which data, how many pages, when."""

    id: int
    data: str
    rows: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class MachineReportView:
    """All about how good a machine's version is. Without any evaluation, `evaluation` and `matrix` are None and `labels` is empty.

    `evaluation` is the one shown, `evaluations` all of them, newest first; `accuracy` and `macro_f1` are over all labels.
    `terms` is there even without an evaluation, where the machine's card knows its terms.
    """

    machine: MachineVersionView
    card: dict[str, object]
    evaluation: EvaluationView | None
    evaluations: tuple[EvaluationView, ...]
    matrix: MatrixView | None
    accuracy: float | None
    macro_f1: float | None
    labels: tuple[LabelReport, ...]
    terms: dict[str, tuple[TermView, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BadRowView:
    """A row of a labelled file that was left out. `number` counts from 1, the header of a CSV file not included."""

    number: int
    reason: str


@dataclass(frozen=True, slots=True)
class TaskView:
    """Long work in the background. `kind` is train or evaluate; `state` is queued, running, done or failed; `progress` 0 to 1.

    `message` is what it is doing, or, when failed, why and what to do. When done, `machine_name` and `machine_version` are
    there, and `evaluation_id`. `bad_rows` lists the first rows that were left out, `bad_count` how many were. Of an import into the
    pool: pages `added`, `known` before, and `put_up` for judgement.
    """

    public_id: str
    kind: str
    state: str
    progress: float
    message: str
    challenge_slug: str
    data_name: str
    created_at: datetime
    finished_at: datetime | None
    machine_name: str = ""
    machine_version: str = ""
    evaluation_id: int | None = None
    rows: int = 0
    bad_rows: tuple[BadRowView, ...] = ()
    bad_count: int = 0
    added: int = 0
    known: int = 0
    put_up: int = 0
