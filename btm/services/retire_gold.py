"""A modeler takes a gold page out of use."""

from __future__ import annotations

from datetime import datetime

from btm.rules.errors import NotFound
from btm.services.modelling import get_modelled
from btm.services.recording import record
from btm.services.retiring import hold_gold, retire
from btm.store import gold_shelf
from btm.store.transaction import transaction


def retire_gold(slug: str, gold_public_id: str, *, asker_id: int | None, now: datetime) -> None:
    """Nobody is asked it from now on; the answers to it still count. Doing it twice is the same as once. Raises NotFound, Forbidden."""
    with transaction() as session:
        challenge = get_modelled(session, slug, asker_id)
        hold_gold(session, challenge)
        row = gold_shelf.find_gold(session, challenge.topic, gold_public_id)
        if row is None:
            raise NotFound("There is no such gold page here.")
        if row.state == "active":
            retire(session, [row], "by_hand", now)
            record(session, challenge, "retire_gold", asker_id, now, gold=row.public_id)
