"""The points that a judge is offered for a gold page: promised from the budget while the page is theirs. Shared by the services.

A judge is told a price with every page. For a page that somebody handed in it was reserved at the commit; for gold it is
reserved with the lease, so that no other promise can be made with the same points meanwhile.
"""

from __future__ import annotations

from datetime import datetime

from btm.rules import money as law
from btm.store import money
from btm.store.transaction import Session


def can_promise(session: Session, challenge_id: int, points: int) -> bool:
    """Whether the challenge's free budget holds so much. It is locked until the transaction ends where it does, and only there:
    whoever was refused goes on to the queue, where nobody may wait with a challenge in hand."""
    if points <= 0:
        return True
    if money.free_budget(session, challenge_id) < points:
        return False
    if not money.hold_budget(session, challenge_id):
        return True
    return money.free_budget(session, challenge_id) >= points


def promise(session: Session, item_id: int, challenge_id: int, points: int, now: datetime) -> None:
    """Move points from the budget to what is promised; fewer than none moves them back."""
    key = f"reserve:gold:{item_id}:{int(now.timestamp() * 1e6)}"
    entry = law.Entry(key, "reserve", -points, points, 0, "Promised to a judge")
    money.post(session, entry, challenge_id=challenge_id, at=now)


def end_promise(session: Session, item_id: int, challenge_id: int, points: int, now: datetime) -> None:
    """Give back what was promised for a gold page that is answered, and so paid for, or taken back."""
    entry = law.Entry(f"release:gold:{item_id}", "release", points, -points, 0, "Not needed")
    money.post(session, entry, challenge_id=challenge_id, at=now)
