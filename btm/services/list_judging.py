"""Where somebody could judge, and how much waits there for them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from btm.services.presenting import card_view
from btm.services.views_review import JudgingOffer
from btm.store import challenges, people, review
from btm.store.challenges import ChallengeFigures
from btm.store.tables_challenges import DbChallenge
from btm.store.transaction import reading


def list_judging(judge_id: int, *, now: datetime) -> list[JudgingOffer]:
    """All topics, those with work for a qualified judge first. Counts are of what this very person could judge."""
    with reading() as session:
        rows = challenges.all_challenges(session)
        figures = challenges.figures(session, [row.id for row in rows])
        waiting = review.waiting_for(session, judge_id, now)
        qualified = people.qualified_topics(session, judge_id)
        topics = dict.fromkeys(row.topic for row in rows)
        offers = [
            _offer([row for row in rows if row.topic == topic], figures, topic in qualified, waiting)
            for topic in topics
        ]
    return sorted(offers, key=lambda offer: (offer.waiting == 0, not offer.is_qualified, -offer.waiting))


def _offer(
    rows: list[DbChallenge],
    figures: Mapping[int, ChallengeFigures],
    is_qualified: bool,
    waiting: Mapping[int, int],
) -> JudgingOffer:
    speaker = challenges.speaker(rows)
    return JudgingOffer(
        card=card_view(speaker, figures[speaker.id]),
        question=speaker.brief["question"],
        is_covered=any(row.is_harmful for row in rows),
        is_qualified=is_qualified,
        waiting=sum(waiting.get(row.id, 0) for row in rows),
    )
