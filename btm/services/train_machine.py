"""Train a machine for a challenge from labelled pages."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from btm.pages.snapshot import SnapshotStore
from btm.services.making import MadeMachine, check_new, keep_trained
from btm.services.read_labelled import LabelledPage, Progress
from btm.services.training import fit


def train_machine(
    slug: str,
    rows: Iterable[LabelledPage],
    *,
    name: str,
    data_name: str,
    asker_id: int | None,
    snapshots: SnapshotStore,
    now: datetime,
    progress: Progress | None = None,
) -> MadeMachine:
    """Train on four fifths of the rows, measure on the fifth, and keep machine and measurement. The same rows again give the
    same version, and nothing is written twice. asker_id: None for the operator at the command line.

    Raises NotFound, Forbidden, Invalid (field `name` or `data`).
    """
    plan = check_new(slug, name, asker_id)
    pages = list(rows)
    trained = fit(pages, plan.labels, name=plan.name, task=plan.task, data_name=data_name, progress=progress)
    return keep_trained(
        plan, trained, data_name=data_name, asker_id=asker_id, snapshots=snapshots, now=now, rows=pages
    )
