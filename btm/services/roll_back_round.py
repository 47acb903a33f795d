"""Let the machine play again that played before a round was promoted."""

from __future__ import annotations

from datetime import datetime

from btm.rules.errors import Conflict
from btm.rules.rounds import may_roll_back
from btm.services import bell
from btm.services.activating import point_at
from btm.services.modelling import get_modelled
from btm.services.recording import record
from btm.services.round_views import get_round, view_of
from btm.services.views_clusters import RoundView
from btm.store import challenges
from btm.store.transaction import transaction


def roll_back_round(slug: str, round_id: str, *, asker_id: int | None, now: datetime) -> RoundView:
    """Back to the machine that the round was measured against; the corpus is replayed again, from what it said where it was asked
    before. asker_id: None for the operator. Raises NotFound, Forbidden, Conflict (the round's machine does not play)."""
    with transaction() as session:
        found = get_modelled(session, slug, asker_id)
        challenge = challenges.lock_challenge(session, found.id)
        row = get_round(session, challenge.id, round_id, lock=True)
        if not may_roll_back(row.state, plays_candidate=challenge.machine_id == row.candidate_id):
            raise Conflict("This round's machine does not play, so there is nothing to roll back.")
        task_id = point_at(session, challenge, row.base_machine_id, asker_id=asker_id, now=now)
        row.state, row.rolled_back_at = "rolled_back", now
        record(session, challenge, "roll_back_round", asker_id, now, round=row.number)
        session.flush()
        view = view_of(session, challenge, row)
    if task_id is not None:
        bell.ring("task", task_id)
    return view
