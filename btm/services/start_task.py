"""Long work of a modeler, handed to the background: training from a file, measuring with a file."""

from __future__ import annotations

import io
from datetime import datetime
from typing import Any

from btm.pages.snapshot import SnapshotStore
from btm.rules.errors import Invalid, TooMany
from btm.services import bell
from btm.services.judging_machines import check_measurable
from btm.services.labelled_files import rows_of
from btm.services.making import check_new
from btm.services.modelling import get_modelled
from btm.services.recording import record
from btm.store import tasks
from btm.store.tables_machines import DbTask
from btm.store.transaction import transaction

MOST_UPLOAD = 50_000_000
"""The most bytes that a labelled file may have when it comes through the web."""
MOST_OPEN = 4


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
    _check_file(data, format)
    todo = {
        "data": snapshots.put(data),
        "format": format,
        "name": plan.name,
        "data_name": _data_name(data_name),
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
    todo: dict[str, Any] = {"name": row.name, "version": row.version, "data_name": _data_name(data_name)}
    if data is not None:
        _check_file(data, format)
        todo |= {"data": snapshots.put(data), "format": format}
    return _start(slug, "evaluate", todo, asker_id, now, new_id)


def _start(slug: str, kind: str, todo: dict[str, Any], asker_id: int, now: datetime, new_id: str) -> str:
    with transaction() as session:
        challenge = get_modelled(session, slug, asker_id, drafts=True)
        if tasks.count_open(session, challenge.id) >= MOST_OPEN:
            raise TooMany("Several files of this challenge are being worked on. Wait until one is done.")
        row = DbTask(
            public_id=new_id, kind=kind, state="queued", message="Waiting for a worker", input=todo, result={},
            fence=0, wake_at=now, challenge_id=challenge.id, created_by=asker_id, created_at=now,
        )  # fmt: skip
        session.add(row)
        session.flush()
        row_id = row.id
        record(session, challenge, f"start_{kind}", asker_id, now, task=new_id, data=todo["data_name"])
    bell.ring("task", row_id)
    return new_id


def _check_file(data: bytes, format: str) -> None:
    """What can be said at once is said at once."""
    if len(data) > MOST_UPLOAD:
        raise Invalid(
            f"This file has more than {MOST_UPLOAD // 1_000_000} MB. Train from the command line instead.",
            field="data",
        )
    next(rows_of(io.BytesIO(data), format))


def _data_name(name: str) -> str:
    """A file's name as it may be shown and kept."""
    plain = "".join(character for character in name if character.isprintable()).strip()
    return plain.replace("\\", "/").rpartition("/")[2][:120] or "a file"
