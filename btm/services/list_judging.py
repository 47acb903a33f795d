"""Where somebody could judge, and how much waits there for them."""

from __future__ import annotations

from datetime import datetime

from btm.services.presenting import card_view
from btm.services.views_review import JudgingOffer
from btm.store import challenges, people, queue
from btm.store.tables_challenges import DbChallenge
from btm.store.transaction import reading

MOST_COUNTED = 1000
"""From here on, how many more wait makes no difference to a judge."""


def list_judging(judge_id: int, *, now: datetime) -> list[JudgingOffer]:
    """All topics that are not over, those with work for a qualified judge first. Counts are of what this very person could judge."""
    with reading() as session:
        rows = challenges.all_challenges(session)
        qualified = people.qualified_topics(session, judge_id)
        topics = dict.fromkeys(row.topic for row in rows)
        waiting = queue.waiting_for(session, list(topics), judge_id, now, MOST_COUNTED + 1)
        offers = [
            _offer([row for row in rows if row.topic == topic], topic in qualified, waiting[topic], now)
            for topic in topics
        ]
    offers = [offer for offer in offers if offer.waiting or offer.card.state != "archived"]
    return sorted(offers, key=lambda offer: (offer.waiting == 0, not offer.is_qualified, -offer.waiting))


def _offer(
    rows: list[DbChallenge],
    is_qualified: bool,
    waiting: int,
    now: datetime,
) -> JudgingOffer:
    speaker = challenges.speaker(rows)
    return JudgingOffer(
        card=card_view(speaker, challenges.ChallengeFigures(), now),  # sums that no judge is shown
        question=speaker.brief["question"],
        is_covered=any(row.is_harmful for row in rows),
        is_qualified=is_qualified,
        waiting=min(waiting, MOST_COUNTED),
        is_more=waiting > MOST_COUNTED,
    )
