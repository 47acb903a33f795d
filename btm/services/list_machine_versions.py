"""Every version of every machine, for modelers."""

from __future__ import annotations

from btm.rules.errors import NotFound
from btm.services.modelling import get_modelled, version_views
from btm.services.views_machines import MachineVersionView
from btm.store import machines
from btm.store.transaction import reading


def list_machine_versions(name: str | None = None, *, slug: str | None = None) -> list[MachineVersionView]:
    """Newest first; of one machine only (`name`), or those whose labels fit a challenge only (`slug`). Raises NotFound."""
    with reading() as session:
        rows = machines.versions(session, name)
        if name is not None and not rows:
            raise NotFound(f"There is no machine called {name!r}.")
        if slug is not None:
            wanted = set(get_modelled(session, slug, None, drafts=True).label_keys)
            rows = [row for row in rows if set(row.labels) == wanted]
        return version_views(session, rows)
