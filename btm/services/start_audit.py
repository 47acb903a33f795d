"""Have the machine's own output inspected: a pool of pages, handed to the background to be drawn from."""

from __future__ import annotations

from datetime import datetime

from btm.pages.snapshot import SnapshotStore
from btm.services import bell
from btm.services.handing_over import check_file, check_room, file_name, hand_over
from btm.services.modelling import get_modelled
from btm.services.recording import record
from btm.services.run_audit import check_affordable
from btm.store.transaction import transaction

OTHERWISE = "Start the audit from the command line instead."


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
    check_file(data, format, labelled=False, otherwise=OTHERWISE)
    todo = {
        "data": snapshots.put(data), "format": format, "bins": bins, "wanted": wanted, "data_name": file_name(data_name),
    }  # fmt: skip
    with transaction() as session:
        challenge = get_modelled(session, slug, asker_id)
        check_room(session, challenge)
        row_id = hand_over(session, challenge, "audit", todo, asker_id=asker_id, now=now, public_id=new_id)
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
