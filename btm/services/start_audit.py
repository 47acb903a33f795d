"""Have the machine's own output inspected: a pool of pages, handed to the background to be drawn from."""

from __future__ import annotations

import io
from datetime import datetime

from btm.pages.snapshot import SnapshotStore
from btm.rules.errors import Invalid, TooMany
from btm.services import bell
from btm.services.labelled_files import rows_of
from btm.services.modelling import get_modelled
from btm.services.recording import record
from btm.services.run_audit import check_affordable
from btm.services.wording import one_line
from btm.store import tasks
from btm.store.tables_machines import DbTask
from btm.store.transaction import transaction

MOST_UPLOAD = 50_000_000
"""The most bytes that a pool may have when it comes through the web."""
MOST_OPEN = 4


def start_audit(
    slug: str,
    data: bytes,
    *,
    format: str,
    bins: int = 10,
    wanted: int = 500,
    data_name: str,
    asker_id: int,
    snapshots: SnapshotStore,
    now: datetime,
    new_id: str,
) -> str:
    """Have `wanted` pages of a pool (format csv or jsonl: url and text or html; a label is not looked at) drawn for inspection, as
    many from each of `bins` bins by expected cost. Returns the task's public id, which is the audit's as well.

    Raises NotFound, Forbidden (no modeler of this challenge), Invalid (field `data`, `format`, `bins` or `wanted`), TooMany, and
    Conflict (`budget_spent`).
    """
    check_affordable(slug, wanted, bins, asker_id)
    if len(data) > MOST_UPLOAD:
        raise Invalid(
            f"This file has more than {MOST_UPLOAD // 1_000_000} MB. Start the audit from the command line instead.",
            field="data",
        )
    next(rows_of(io.BytesIO(data), format, labelled=False))
    todo = {
        "data": snapshots.put(data), "format": format, "bins": bins, "wanted": wanted, "data_name": _name(data_name),
    }  # fmt: skip
    with transaction() as session:
        challenge = get_modelled(session, slug, asker_id)
        if tasks.count_open(session, challenge.id) >= MOST_OPEN:
            raise TooMany("Several files of this challenge are being worked on. Wait until one is done.")
        row = DbTask(
            public_id=new_id, kind="audit", state="queued", message="Waiting for a worker", input=todo, result={},
            fence=0, wake_at=now, challenge_id=challenge.id, created_by=asker_id, created_at=now,
        )  # fmt: skip
        session.add(row)
        session.flush()
        row_id = row.id
        record(
            session,
            challenge,
            "start_audit",
            asker_id,
            now,
            audit=new_id,
            wanted=wanted,
            bins=bins,
            data=todo["data_name"],
        )
    bell.ring("task", row_id)
    return new_id


def _name(name: str) -> str:
    """A file's name as it may be shown and kept."""
    return one_line(name.replace("\\", "/").rpartition("/")[2], 120) or "a file"
