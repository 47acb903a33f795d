"""A modeler decides what judges could not."""

from __future__ import annotations

from datetime import datetime

from btm.rules.errors import Conflict, Forbidden, Invalid, NotFound
from btm.services import bell
from btm.services.modelling import get_modelled
from btm.services.recording import record
from btm.services.wording import one_line
from btm.store import desk
from btm.store.tables_review import DbReviewItem
from btm.store.transaction import transaction

LONGEST = 300


def decide_at_desk(
    slug: str, item_public_id: str, *, label: str, reason: str, asker_id: int | None, now: datetime
) -> None:
    """Decide an undecided item; the same decision again has no effect. reason: for the player to read.

    Raises NotFound, Forbidden (`own_page` for one's own), Invalid (no such label, no reason), Conflict (`closed`) where the item
    does not wait for a modeler any more.
    """
    words = one_line(reason, LONGEST)
    with transaction() as session:
        challenge = get_modelled(session, slug, asker_id)
        if label not in challenge.label_keys:
            raise Invalid("That is not one of the answers. Choose again.", field="label")
        if not words:
            raise Invalid("Say why, in a line: the player reads it.", field="reason")
        item = desk.find_item(session, challenge.id, item_public_id, lock=True)
        if item is None:
            raise NotFound("There is no such page at this desk.")
        if item.author_id is not None and item.author_id == asker_id:
            raise Forbidden("This is a page of yours, so somebody else has to decide it.", code="own_page")
        if item.state != "undecided":
            if asker_id is not None and (item.decided_by, item.verdict) == (asker_id, label):
                return
            raise Conflict("This page does not wait for a decision any more.", code="closed")
        _decide(item, label, words, asker_id, now)
        record(
            session, challenge, "decide_page", asker_id, now, item=item.public_id, label=label, reason=words
        )
        item_id = item.id
    bell.ring("settle", item_id)


def _decide(item: DbReviewItem, label: str, why: str, by: int | None, now: datetime) -> None:
    item.state, item.decided_at, item.decided_by, item.decided_why = "decided", now, by, why
    item.verdict, item.verdict_probability, item.expected_cost = label, 1.0, 0.0
    item.lease_judge_id, item.lease_token, item.lease_until = None, "", None
