"""Pointing a challenge at a machine's version, and having the corpus replayed by it. Shared by the services that do so."""

from __future__ import annotations

from datetime import datetime

from btm.services.handing_over import hand_over
from btm.store import rounds, waiting
from btm.store.tables_challenges import DbChallenge
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
    name, todo = f"replay-{challenge.id}-{number}", {"machine": machine_id}
    return hand_over(session, challenge, "replay", todo, asker_id=asker_id, now=now, public_id=name)
