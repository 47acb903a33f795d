"""How good a version of a machine is: all that a page with pictures needs."""

from __future__ import annotations

from btm.services.views_machines import MachineReportView


def show_machine_report(name: str, version: str | None = None, *, evaluation_id: int | None = None) -> MachineReportView:
    """The report of a version (the newest where none is named), from one of its evaluations (the latest). Raises NotFound."""
    raise NotImplementedError
