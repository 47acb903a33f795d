"""Every version of every machine, for modelers."""

from __future__ import annotations

from btm.services.views_machines import MachineVersionView


def list_machine_versions(name: str | None = None, *, slug: str | None = None) -> list[MachineVersionView]:
    """Newest first; of one machine only (`name`), or those whose labels fit a challenge only (`slug`). Raises NotFound."""
    raise NotImplementedError
