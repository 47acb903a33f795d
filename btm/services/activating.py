"""Pointing a challenge at a machine's version, and having the corpus replayed by it. Shared by the services that do so."""

from __future__ import annotations

from datetime import datetime

from btm.store import rounds, waiting
from btm.store.tables_challenges import DbChallenge
from btm.store.tables_machines import DbTask
from btm.store.transaction import Session


def point_at(
    session: Session, challenge: DbChallenge, machine_id: int, *, asker_id: int | None, now: datetime
) -> int | None:
    """From now on the version quotes; `challenge` is locked. Submissions that wait for a machine are asked about at once. A challenge
    that collected examples until now is played against the machine from here on.

    Returns the id of the task that replays the corpus, to be rung for after the commit; None where there is no corpus.
    """
    challenge.machine_id, challenge.mode = machine_id, "beat"
    session.flush()
    waiting.wake_waiting(session, machine_id, now)
    if not rounds.has_finds(session, challenge.id):
        return None
    number = rounds.count_replays(session, challenge.id) + 1
    task = DbTask(
        public_id=f"replay-{challenge.id}-{number}", kind="replay", state="queued", message="Waiting for a worker",
        input={"machine": machine_id}, result={}, fence=0, wake_at=now, challenge_id=challenge.id, created_by=asker_id,
        created_at=now,
    )  # fmt: skip
    session.add(task)
    session.flush()
    return task.id
