"""Measuring a machine on labelled pages, and keeping what was found. Shared by the services."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import numpy as np

from btm.services.read_labelled import LabelledPage, Progress
from btm.store import machines
from btm.store.tables_machines import DbEvaluation
from btm.store.transaction import Session
from classifiers.linear import LinearMachine
from classifiers.machine import Checked, Machine
from classifiers.reporting import full_report
from classifiers.terms import top_terms

_BATCH = 64


def measure(
    machine: Machine, rows: Sequence[LabelledPage], progress: Progress | None = None
) -> dict[str, Any]:
    """The report of a machine on pages that it never saw, with the terms that speak for each label where it is a linear one.

    Raises classifiers.errors.MachineError where the machine does not answer.
    """
    probabilities = _ask(machine, rows, progress or (lambda share, word: None))
    report = full_report(
        [row.label for row in rows],
        probabilities,
        list(machine.classes_),
        {"language": [row.page.language for row in rows], "source": [row.source for row in rows]},
    )
    report["terms"] = terms_of(machine, rows)
    return report


def terms_of(machine: Machine, rows: Sequence[LabelledPage]) -> dict[str, list[tuple[str, float]]]:
    """The terms that speak for each label, looked for on these pages; nothing for a machine that cannot be looked into."""
    inner = machine.machine if isinstance(machine, Checked) else machine
    return top_terms(inner, [row.page for row in rows]) if isinstance(inner, LinearMachine) else {}


def keep_evaluation(
    session: Session, machine_id: int, data: str, rows: int, report: dict[str, Any], now: datetime
) -> int:
    """Write an evaluation, unless the very same is there. Returns its id."""
    plain = {**report, "terms": {label: [list(t) for t in terms] for label, terms in report["terms"].items()}}
    for known in machines.evaluations_of(session, machine_id):
        if (known.data, known.rows, known.report) == (data, rows, plain):
            return known.id
    row = DbEvaluation(machine_id=machine_id, data=data[:200], rows=rows, report=plain, created_at=now)
    session.add(row)
    session.flush()
    return row.id


def _ask(
    machine: Machine, rows: Sequence[LabelledPage], progress: Callable[[float, str], None]
) -> np.ndarray:
    parts = []
    for start in range(0, len(rows), _BATCH):
        parts.append(machine.predict_proba([row.page for row in rows[start : start + _BATCH]]))
        progress(min(1.0, (start + _BATCH) / len(rows)), "Asking the machine")
    return np.vstack(parts)
