"""The sweep tells who asked for it that a challenge's free budget runs low, once for each time that points were put in."""

from __future__ import annotations

from datetime import datetime

from btm.rules.webhooks import is_low
from btm.services.telling import tell
from btm.store import checkpoints, webhooks
from btm.store.transaction import reading, transaction


def watch_budgets(*, now: datetime) -> None:
    """Look at every live challenge that has a webhook."""
    with reading() as session:
        low = [
            (challenge.id, funded)
            for challenge, funded in webhooks.watching_budgets(session)
            if is_low(checkpoints.free_budget(session, challenge.id), challenge.law.max_bonus)
        ]
    if not low:
        return
    with transaction() as session:
        for challenge, funded in webhooks.watching_budgets(session):
            if (challenge.id, funded) in low:
                free = checkpoints.free_budget(session, challenge.id)
                tell(session, challenge, "budget_low", f"budget:{funded}", {"free_budget": free}, now)
