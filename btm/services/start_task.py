"""Long work of a modeler, handed to the background: training from a file, measuring with a file."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from btm.pages.snapshot import SnapshotStore
from btm.services import bell
from btm.services.handing_over import check_file, check_room, file_name, hand_over
from btm.services.judging_machines import check_measurable
from btm.services.making import check_new
from btm.services.modelling import get_modelled
from btm.services.recording import record
from btm.store.transaction import transaction

OTHERWISE = "Train from the command line instead."


def start_training(
    slug: str,
    data: bytes,
    *,
    format: str,
    name: str,
    data_name: str,
    asker_id: int,
    snapshots: SnapshotStore,
    now: datetime,
    new_id: str,
) -> str:
    """Have a machine for a challenge trained from a labelled file (format csv or jsonl). Returns the task's public id.

    Raises NotFound, Forbidden (no modeler of this challenge), Invalid (field `name`, `format` or `data`), TooMany.
    """
    plan = check_new(slug, name, asker_id)
    check_file(data, format, otherwise=OTHERWISE)
    todo = {
        "data": snapshots.put(data),
        "format": format,
        "name": plan.name,
        "data_name": file_name(data_name),
    }
    return _start(slug, "train", todo, asker_id, now, new_id)


def start_evaluation(
    slug: str,
    name: str,
    version: str | None,
    data: bytes | None,
    *,
    format: str,
    data_name: str,
    asker_id: int,
    snapshots: SnapshotStore,
    now: datetime,
    new_id: str,
) -> str:
    """Have a machine measured on a labelled file, or, without data, on the challenge's verified probes. Returns the task's public id.

    Raises NotFound, Forbidden, Invalid, TooMany.
    """
    row = check_measurable(slug, name, version, asker_id, on_probes=data is None)
    todo: dict[str, Any] = {"name": row.name, "version": row.version, "data_name": file_name(data_name)}
    if data is not None:
        check_file(data, format, otherwise=OTHERWISE)
        todo |= {"data": snapshots.put(data), "format": format}
    return _start(slug, "evaluate", todo, asker_id, now, new_id)


def _start(slug: str, kind: str, todo: dict[str, Any], asker_id: int, now: datetime, new_id: str) -> str:
    with transaction() as session:
        challenge = get_modelled(session, slug, asker_id, drafts=True)
        check_room(session, challenge)
        row_id = hand_over(session, challenge, kind, todo, asker_id=asker_id, now=now, public_id=new_id)
        record(session, challenge, f"start_{kind}", asker_id, now, task=new_id, data=todo["data_name"])
    bell.ring("task", row_id)
    return new_id
