"""Point a challenge at a version of a machine. What was quoted or committed keeps the version that quoted it."""

from __future__ import annotations

from datetime import datetime

from btm.rules.errors import Invalid
from btm.rules.machines import check_labels
from btm.services import bell
from btm.services.activating import point_at
from btm.services.machines import MachineShelf
from btm.services.modelling import get_machine_row, get_modelled, version_views
from btm.services.recording import record
from btm.services.views_machines import MachineVersionView
from btm.store import challenges
from btm.store.transaction import reading, transaction
from classifiers.errors import MachineError


def activate_machine(
    slug: str,
    name: str,
    version: str | None = None,
    *,
    asker_id: int | None,
    shelf: MachineShelf,
    now: datetime,
) -> MachineVersionView:
    """From now on submissions to the challenge are quoted by this version, or by the newest. asker_id: None for the operator.

    Those that wait for the machine before are quoted by the new one at once, and the corpus is replayed in the background. Raises NotFound, Forbidden (no modeler of this
    challenge), Invalid (its labels are not the challenge's, or it cannot be loaded).
    """
    with reading() as session:
        challenge = get_modelled(session, slug, asker_id, drafts=True)
        row = get_machine_row(session, name, version)
        check_labels(row.labels, challenge.label_keys, row.name)
    try:
        labels = [str(label) for label in shelf.get(row).classes_]
    except MachineError as error:
        raise Invalid(f"This machine cannot play. {error}", field="name") from error
    check_labels(labels, challenge.label_keys, row.name)
    with transaction() as session:
        locked = challenges.lock_challenge(session, challenge.id)
        task_id = point_at(session, locked, row.id, asker_id=asker_id, now=now)
        record(session, locked, "activate_machine", asker_id, now, machine=row.name, version=row.version)
        [view] = version_views(session, [row])
    if task_id is not None:
        bell.ring("task", task_id)
    return view
