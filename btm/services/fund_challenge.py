"""Put points into a challenge's budget, or take out what is neither promised nor earned."""

from __future__ import annotations

from datetime import datetime

from btm.rules import money as law
from btm.rules.budget import Pots, check_funding
from btm.services.financing import get_financed
from btm.store import budgets, challenges, money
from btm.store.acts import record_act
from btm.store.transaction import transaction


def fund_challenge(
    slug: str, points: int, *, asker_id: int | None, now: datetime, key: str, reason: str = ""
) -> Pots:
    """Add `points` to the budget of a challenge, a draft included; below 0 they are taken out. Returns where its points are then.

    asker_id: None for the operator. key: unique for what is asked, at most 60 characters; asked again with the same key, nothing
    happens twice. Raises NotFound, Forbidden (no modeler of this challenge), Invalid (`points`), Conflict (`promised`).
    """
    with transaction() as session:
        challenge = challenges.lock_challenge(session, get_financed(session, slug, asker_id).id)
        entry_key = f"{challenge.id}:{key}"
        if not budgets.was_funded(session, entry_key):
            check_funding(points, money.pots(session, [challenge.id])[challenge.id])
            why = reason.strip()[:500] or ("Put in" if points > 0 else "Taken out")
            money.post(session, law.fund(entry_key, points, why), challenge_id=challenge.id, at=now)
            verb = "fund_challenge" if points > 0 else "defund_challenge"
            detail = {"points": points, "reason": reason.strip()[:500]}
            record_act(session, verb, f"challenge:{slug}", actor_id=asker_id, at=now, detail=detail)
        return money.pots(session, [challenge.id])[challenge.id]
