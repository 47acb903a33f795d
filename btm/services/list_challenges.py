"""The list of challenges, in the order that a player asks for."""

from __future__ import annotations

from datetime import datetime

from btm.rules.challenge_states import is_listed
from btm.rules.errors import Invalid
from btm.rules.money import dollars as worth
from btm.services.presenting import card_view
from btm.services.views_challenges import ChallengeCard
from btm.store import challenges
from btm.store.transaction import reading

SORTS = ("reward", "newest", "wanted")


def list_challenges(sort: str = "reward", *, now: datetime) -> list[ChallengeCard]:
    """All challenges that players find in lists, the open ones first. `wanted`: those with the fewest finds for what they could still pay.

    Raises Invalid for another order.
    """
    if sort not in SORTS:
        raise Invalid(f"Challenges can be sorted by {', '.join(SORTS)}.", field="sort")
    with reading() as session:
        rows = [row for row in challenges.all_challenges(session) if is_listed(row.state)]
        figures = challenges.figures(session, [row.id for row in rows])
        cards = [card_view(row, figures[row.id], now) for row in rows]
    if sort == "newest":
        cards.sort(key=lambda card: card.created_at, reverse=True)
    elif sort == "wanted":
        cards.sort(key=lambda card: -card.budget_left / (1 + card.found + card.in_review))
    else:
        cards.sort(key=lambda card: -worth(card.max_bonus, card.points_per_usd))
    return sorted(cards, key=lambda card: not card.is_open)
