"""Train a challenge's first machine from the examples that its players brought, now or in the background."""

from __future__ import annotations

from datetime import datetime

from btm.pages.snapshot import SnapshotStore
from btm.rules.errors import TooMany
from btm.services import bell
from btm.services.first_machine import check_ready, train_first
from btm.services.making import MadeMachine
from btm.services.modelling import get_modelled
from btm.services.read_labelled import Progress
from btm.services.recording import record
from btm.store import tasks
from btm.store.tables_machines import DbTask
from btm.store.transaction import transaction

MOST_OPEN = 4


def train_first_machine(
    slug: str,
    *,
    name: str = "",
    asker_id: int | None,
    snapshots: SnapshotStore,
    now: datetime,
    progress: Progress | None = None,
) -> MadeMachine | None:
    """Train it now, and turn the challenge into one that is played against it. name: by default one made of the challenge's.

    asker_id: None for the operator. Raises NotFound, Forbidden, Invalid (field `name`), and Conflict: `has_machine`, or `too_few`,
    which says how many examples of which labels are missing.
    """
    return train_first(slug, name, asker_id=asker_id, snapshots=snapshots, now=now, progress=progress)


def start_first_machine(slug: str, *, name: str = "", asker_id: int, now: datetime, new_id: str) -> str:
    """Have it trained in the background. Returns the task's public id; while one is under way, that one's. Raises as
    `train_first_machine`, and TooMany."""
    plan = check_ready(slug, name, asker_id)
    with transaction() as session:
        challenge = get_modelled(session, slug, asker_id)
        under_way = tasks.find_open(session, challenge.id, "first")
        if under_way is not None:
            return under_way.public_id
        if tasks.count_open(session, challenge.id) >= MOST_OPEN:
            raise TooMany("Several files of this challenge are being worked on. Wait until one is done.")
        row = DbTask(
            public_id=new_id, kind="first", state="queued", message="Waiting for a worker",
            input={"name": plan.name, "data_name": "verified examples"}, result={}, fence=0, wake_at=now,
            challenge_id=challenge.id, created_by=asker_id, created_at=now,
        )  # fmt: skip
        record(session, challenge, "start_first", asker_id, now, task=new_id, machine=plan.name)
        session.add(row)
        session.flush()
        row_id = row.id
    bell.ring("task", row_id)
    return new_id
