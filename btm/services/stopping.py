"""Whether a challenge has stopped by itself. Shared by the services."""

from __future__ import annotations

from datetime import datetime

from btm.rules.stops import Standing, Stops, why_stopped
from btm.store import budgets, money
from btm.store.transaction import Session


def stop_reason(session: Session, challenge_id: int, now: datetime, amount: int = 0) -> str:
    """Why the challenge takes no page that may cost so many points (see btm.rules.stops); an empty string where it does.

    One query where no condition is set. Whoever promises points asks under the challenge's lock.
    """
    stops = budgets.stops_of(session, [challenge_id]).get(challenge_id)
    return why_stopped(stops, standing(session, challenge_id, stops), now, amount) if stops else ""


def standing(session: Session, challenge_id: int, stops: Stops) -> Standing:
    """As much of how a challenge does as its conditions ask for."""
    free = money.free_budget(session, challenge_id) if stops.keep_free is not None else 0
    found = budgets.count_finds(session, challenge_id) if stops.finds is not None else 0
    spent = money.spent(session, challenge_id) if stops.spent is not None else 0
    return Standing(found, spent, free)
