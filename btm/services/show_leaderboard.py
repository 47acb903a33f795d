"""Who beat the machine most: of one challenge or of all, this week or ever."""

from __future__ import annotations

from datetime import datetime, timedelta

from btm.rules.errors import Invalid
from btm.services.finding import get_challenge
from btm.services.presenting import card_view
from btm.services.views_money import Leaderboard, LeaderRow
from btm.store import challenges, money
from btm.store.transaction import reading

SHOWN = 50
RANKED = 5000


def show_leaderboard(*, slug: str | None, period: str, viewer_id: int | None, now: datetime) -> Leaderboard:
    """The best fifty by points from finds, and the viewer's own row. A week begins on Monday, 00:00 UTC.

    Raises NotFound for no challenge, Invalid for another period.
    """
    if period not in ("week", "all"):
        raise Invalid("The leaderboard is of this week or of all time.", field="period")
    since = _monday(now) if period == "week" else None
    with reading() as session:
        challenge = get_challenge(session, slug) if slug else None
        found = money.leaders(session, challenge.id if challenge else None, since, RANKED)
        card = (
            card_view(challenge, challenges.figures(session, [challenge.id])[challenge.id], now)
            if challenge
            else None
        )
    rows = [
        LeaderRow(rank, handle, points, finds, account_id == viewer_id)
        for rank, (account_id, handle, points, finds) in enumerate(found, start=1)
    ]
    mine = next((row for row in rows if row.is_me), None)
    return Leaderboard(period, card, tuple(rows[:SHOWN]), mine)


def _monday(now: datetime) -> datetime:
    return now.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=now.weekday())
