"""Measure a machine: on labelled pages, or on the verified probes of a challenge."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from btm.services.judging_machines import Measured, measure_version
from btm.services.machines import MachineShelf
from btm.services.read_labelled import LabelledPage, Progress


def evaluate_machine(
    slug: str,
    name: str,
    version: str | None,
    rows: Iterable[LabelledPage] | None,
    *,
    data_name: str,
    asker_id: int | None,
    shelf: MachineShelf,
    now: datetime,
    progress: Progress | None = None,
) -> Measured:
    """Measure a version (the newest where none is named) on rows, or, where they are None, on the challenge's verified probes.

    Raises NotFound, Forbidden, Invalid (labels that do not match, nothing to measure on), Conflict (`machine_away`).
    """
    return measure_version(
        slug,
        name,
        version,
        rows,
        data_name=data_name,
        asker_id=asker_id,
        shelf=shelf,
        now=now,
        progress=progress,
    )
