"""The points for judging a page that nobody submitted (audit, pool): promised from the budget when the page is put up, so that the
same points are promised to nobody else meanwhile. Shared by the services.

Each judgement is paid out of the promise, and what was not needed goes back when the page is closed.
"""

from __future__ import annotations

from datetime import datetime

from btm.rules import money as law
from btm.rules.settings import ChallengeRules
from btm.store import money, pool
from btm.store.tables_review import DbReviewItem
from btm.store.transaction import Session

ORIGINS = frozenset({"audit", "pool"})


def price_of(rules: ChallengeRules) -> int:
    """All that judging one page may cost, in points."""
    return rules.judging_price * rules.max_judgements


def promise_item(session: Session, item_id: int, challenge_id: int, points: int, now: datetime) -> None:
    """Move points from the budget to what is promised. Under the challenge's lock, after a look at its free budget."""
    entry = law.Entry(f"reserve:item:{item_id}", "reserve", -points, points, 0, "Promised to judges")
    money.post(session, entry, challenge_id=challenge_id, at=now)


def is_promised(session: Session, item: DbReviewItem, points: int) -> bool:
    """Whether so much is still promised to those who judge this page."""
    return item.origin in ORIGINS and pool.escrow_of_item(session, item.id) >= points


def end_item_promise(session: Session, item: DbReviewItem, now: datetime) -> None:
    """Give back what was not needed."""
    left = pool.escrow_of_item(session, item.id) if item.origin in ORIGINS else 0
    entry = law.Entry(f"release:item:{item.id}", "release", left, -left, 0, "Not needed")
    money.post(session, entry, challenge_id=item.challenge_id, at=now)
