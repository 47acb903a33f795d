"""A judge gives a page back without an answer, so that somebody else may have it at once."""

from __future__ import annotations

from datetime import datetime

from btm.rules.errors import Conflict
from btm.store import queue
from btm.store.transaction import transaction


def give_back_review(item_public_id: str, *, judge_id: int, token: str, now: datetime) -> None:
    """End the lease that `token` stands for. Raises Conflict (`lease_passed`) where it has ended already."""
    with transaction() as session:
        if not queue.let_go(session, item_public_id, judge_id, token, now):
            raise Conflict("You do not hold this page any more.", code="lease_passed")
