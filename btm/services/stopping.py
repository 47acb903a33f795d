"""Whether a challenge has stopped by itself. Shared by the services."""

from __future__ import annotations

from datetime import datetime

from btm.rules.challenge_states import takes_pages
from btm.rules.money import whole_price
from btm.rules.stops import Standing, Stops, why_stopped
from btm.store import budgets, money
from btm.store.tables_challenges import DbChallenge
from btm.store.transaction import Session


def stop_reason(session: Session, challenge_id: int, now: datetime, amount: int = 0) -> str:
    """Why the challenge takes no page that may cost so many points (see btm.rules.stops); an empty string where it does.

    One query where no condition is set. Whoever promises points asks under the challenge's lock.
    """
    stops = budgets.stops_of(session, [challenge_id]).get(challenge_id)
    return why_stopped(stops, standing(session, challenge_id, stops), now, amount) if stops else ""


def takes_no_page(session: Session, challenge: DbChallenge, now: datetime) -> bool:
    """Whether nobody can hand in a page: the challenge is not live, has stopped by itself, or its free budget pays for no page more."""
    price = whole_price(challenge.law.min_quote, challenge.law)
    return (
        not takes_pages(challenge.state)
        or money.free_budget(session, challenge.id) < price
        or bool(stop_reason(session, challenge.id, now, price))
    )


def standing(session: Session, challenge_id: int, stops: Stops) -> Standing:
    """As much of how a challenge does as its conditions ask for."""
    free = money.free_budget(session, challenge_id) if stops.keep_free is not None else 0
    found = budgets.count_finds(session, challenge_id) if stops.finds is not None else 0
    spent = money.spent(session, challenge_id) if stops.spent is not None else 0
    return Standing(found, spent, free)
