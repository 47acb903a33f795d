"""Train a challenge's first machine from the examples that its players brought, now or in the background."""

from __future__ import annotations

from datetime import datetime

from btm.pages.snapshot import SnapshotStore
from btm.services import bell
from btm.services.first_machine import check_ready, train_first
from btm.services.handing_over import check_room, hand_over
from btm.services.making import MadeMachine
from btm.services.modelling import get_modelled
from btm.services.read_labelled import Progress
from btm.services.recording import record
from btm.store import challenges, tasks
from btm.store.transaction import transaction


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
        challenge = challenges.lock_challenge(session, get_modelled(session, slug, asker_id).id)
        under_way = tasks.find_open(session, challenge.id, "first")
        if under_way is not None:
            return under_way.public_id
        check_room(session, challenge)
        todo = {"name": plan.name, "data_name": "verified examples"}
        row_id = hand_over(session, challenge, "first", todo, asker_id=asker_id, now=now, public_id=new_id)
        record(session, challenge, "start_first", asker_id, now, task=new_id, machine=plan.name)
    bell.ring("task", row_id)
    return new_id
