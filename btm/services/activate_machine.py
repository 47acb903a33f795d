"""Point a challenge at a version of a machine. What was quoted or committed keeps the version that quoted it."""

from __future__ import annotations

from btm.services.views_machines import MachineVersionView


def activate_machine(slug: str, name: str, version: str | None = None, *, asker_id: int | None) -> MachineVersionView:
    """From now on submissions to the challenge are quoted by this version, or by the newest. asker_id: None for the operator.

    Raises NotFound, Forbidden (no modeler of this challenge), Invalid (its labels are not the challenge's).
    """
    raise NotImplementedError
