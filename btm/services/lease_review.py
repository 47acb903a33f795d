"""Give a judge the next page to look at, under a lease."""

from __future__ import annotations

from datetime import datetime, timedelta

from btm.rules.errors import Forbidden
from btm.services.finding import get_challenge
from btm.services.presenting import challenge_view, host_of
from btm.services.views_review import BlockView, ItemView, JudgingView
from btm.store import challenges, money, people, review
from btm.store.tables_review import DbReviewItem
from btm.store.transaction import transaction


def lease_review(
    slug: str, *, judge_id: int, now: datetime, new_token: str, dice: float, beside: str | None = None
) -> JudgingView:
    """The judge's page: the item that they hold already, or the next one. `beside` is an item that they still hold while
    its answer may be undone; another one is given then. dice, in [0, 1), breaks ties. The item may be of any challenge of the
    same topic, and nothing on the page says of which: that would say what was claimed.

    Raises NotFound, and Forbidden (`not_qualified`) for somebody who has not passed the challenge's test.
    """
    with transaction() as session:
        challenge = get_challenge(session, slug)
        if not people.is_qualified(session, judge_id, challenge.id):
            raise Forbidden(
                "Take the short test first, so that you know what counts here.", code="not_qualified"
            )
        people.lock_account(session, judge_id)
        together = challenges.judged_together(session, challenge)
        speaker, ids = together[0], [row.id for row in together]
        item = review.held_by(session, ids, judge_id, now, beside) or review.take_lease(
            session,
            ids,
            judge_id,
            token=new_token,
            now=now,
            until=now + timedelta(seconds=challenge.law.lease_seconds),
            dice=dice,
            but=beside,
        )
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        judged, earned = money.judged_since(session, judge_id, ids, midnight)
        return JudgingView(
            challenge=challenge_view(speaker, challenges.figures(session, [speaker.id])[speaker.id]),
            item=_item_view(item) if item else None,
            is_covered=any(row.is_harmful for row in together),
            price=(item.challenge if item else speaker).law.judging_price,
            judged_today=judged,
            earned_today=earned,
        )


def _item_view(item: DbReviewItem) -> ItemView:
    page = item.page
    if item.lease_until is None:
        raise LookupError(f"review item {item.id} was leased without an end")
    return ItemView(
        public_id=item.public_id,
        token=item.lease_token,
        title=page.title,
        host=host_of(page.final_url),
        language=page.language,
        blocks=tuple(BlockView(kind, text) for kind, text in page.blocks),
        lease_expires_at=item.lease_until,
    )
