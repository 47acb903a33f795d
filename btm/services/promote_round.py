"""Let a round's machine play, from this moment on. What was quoted or committed before keeps the version that quoted it."""

from __future__ import annotations

from datetime import datetime

from btm.rules.errors import Conflict
from btm.rules.rounds import check_promotion
from btm.services import bell
from btm.services.activating import point_at
from btm.services.modelling import get_modelled
from btm.services.recording import record
from btm.services.round_views import get_round, view_of
from btm.services.telling import tell
from btm.services.views_clusters import RoundView
from btm.store import challenges
from btm.store.transaction import transaction


def promote_round(
    slug: str, round_id: str, *, asker_id: int | None, now: datetime, force: bool = False
) -> RoundView:
    """The challenge's machine becomes the round's, and the whole corpus is replayed in the background. asker_id: None for the
    operator. `force`: even where it is not recommended, or where another machine plays than the one it was measured against.

    Raises NotFound, Forbidden, Conflict (not ready; or, with the code `not_advised`, what force would overrule).
    """
    with transaction() as session:
        found = get_modelled(session, slug, asker_id)
        challenge = challenges.lock_challenge(session, found.id)
        row = get_round(session, challenge.id, round_id, lock=True)
        try:
            check_promotion(
                row.state, row.report.get("reasons", ()), advised=row.report.get("recommendation") == "promote",
                plays_base=challenge.machine_id == row.base_machine_id,
            )  # fmt: skip
        except Conflict as conflict:
            if not (force and conflict.code == "not_advised"):
                raise
        if row.candidate_id is None:
            raise Conflict("This round has no machine.")
        task_id = point_at(session, challenge, row.candidate_id, asker_id=asker_id, now=now)
        row.state, row.decided_by, row.decided_at = "promoted", asker_id, now
        record(session, challenge, "promote_round", asker_id, now, round=row.number, force=force)
        session.flush()
        view = view_of(session, challenge, row)
        told = {"round": row.public_id, "machine": view.candidate}
        tell(session, challenge, "machine_promoted", f"promoted:{row.id}:{now.isoformat()}", told, now)
    if task_id is not None:
        bell.ring("task", task_id)
    return view
