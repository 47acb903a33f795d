"""Where somebody could judge, and how much waits there for them."""

from __future__ import annotations

from datetime import datetime

from btm.services.presenting import card_view
from btm.services.views import JudgingOffer
from btm.store import challenges, people, review
from btm.store.transaction import reading


def list_judging(judge_id: int, *, now: datetime) -> list[JudgingOffer]:
    """All challenges, those with work for a qualified judge first. Counts are of what this very person could judge."""
    with reading() as session:
        rows = challenges.all_challenges(session)
        figures = challenges.figures(session, [row.id for row in rows])
        waiting = review.waiting_for(session, judge_id, now)
        qualified = people.qualified_challenges(session, judge_id)
        offers = [
            JudgingOffer(card_view(row, figures[row.id]), row.id in qualified, waiting.get(row.id, 0))
            for row in rows
        ]
    return sorted(offers, key=lambda offer: (offer.waiting == 0, not offer.is_qualified, -offer.waiting))
