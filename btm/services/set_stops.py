"""Say when a challenge is to stop taking pages by itself."""

from __future__ import annotations

from datetime import datetime

from btm.rules.stops import Stops, check_stops
from btm.services.financing import get_financed
from btm.store import budgets, challenges
from btm.store.acts import record_act
from btm.store.transaction import transaction


def set_stops(slug: str, stops: Stops, *, asker_id: int | None, now: datetime) -> Stops:
    """Put these conditions in place of those that there were; without any, the challenge goes on for as long as it is paid for.

    asker_id: None for the operator. Raises NotFound, Forbidden (no modeler of this challenge), Invalid (`finds`, `spent`, `keep_free`).
    """
    check_stops(stops)
    with transaction() as session:
        challenge = challenges.lock_challenge(session, get_financed(session, slug, asker_id).id)
        budgets.put_stops(session, challenge.id, stops)
        detail = {
            "until": stops.until.isoformat() if stops.until else None, "finds": stops.finds, "spent": stops.spent,
            "keep_free": stops.keep_free,
        }  # fmt: skip
        record_act(session, "change_stops", f"challenge:{slug}", actor_id=asker_id, at=now, detail=detail)
    return stops
