"""A modeler marks a verified page as gold."""

from __future__ import annotations

from datetime import datetime

from btm.rules.errors import Conflict, Invalid, NotFound
from btm.services.gold_views import LONGEST_WHY, one_line, why_of
from btm.services.modelling import get_modelled
from btm.services.recording import record
from btm.services.retiring import hold_gold
from btm.store import gold_shelf
from btm.store.tables_judges import DbGold
from btm.store.tables_review import DbReviewItem
from btm.store.transaction import Session, insert_once, transaction

USED_UP = ("disputed", "leaked")


def mark_gold(
    slug: str,
    item_public_id: str,
    *,
    truth: str | None,
    why: str,
    asker_id: int | None,
    now: datetime,
    new_id: str,
) -> str:
    """Make the page of a verified item gold, with its verdict as the truth unless `truth` says otherwise. Returns the gold's
    public id. `why` is told to judges who miss it; left empty, it is told in the words of those who decided.

    A retired one becomes active again, with the truth that judges were measured by. Raises NotFound, Forbidden, Invalid (`truth`:
    no such label; `why`: missing where the truth is not the verdict) and Conflict (`not_verified`, `already_gold`, `used_up`,
    `other_truth`).
    """
    with transaction() as session:
        challenge = get_modelled(session, slug, asker_id)
        hold_gold(session, challenge)
        item = gold_shelf.item_of(session, challenge.topic, item_public_id)
        if item is None:
            raise NotFound("There is no such page among those that were judged here.")
        if item.state not in ("decided", "settled") or item.verdict is None:
            raise Conflict("This page has no verdict yet, so it cannot be gold.", code="not_verified")
        label = truth or item.verdict
        if label not in challenge.label_keys:
            raise Invalid("That is not one of the labels. Choose again.", field="truth")
        words = one_line(why, LONGEST_WHY) or _words_of(session, item, label)
        known = gold_shelf.of_text(session, item.topic, item.page.content_hash)
        if known is not None:
            marked = _again(session, known, label, words, asker_id)
            record(session, challenge, "mark_gold", asker_id, now, gold=marked, truth=label, again=True)
            return marked
        values = {
            "public_id": new_id, "topic": item.topic, "challenge_id": item.challenge_id, "page_id": item.page_id,
            "item_id": item.id, "truth": label, "why": words, "source": "marked", "state": "active",
            "retired_why": "", "created_by": asker_id, "created_at": now,
        }  # fmt: skip
        if insert_once(session, DbGold, values) is None:
            raise _already_gold()
        record(session, challenge, "mark_gold", asker_id, now, gold=new_id, truth=label)
        return new_id


def _words_of(session: Session, item: DbReviewItem, label: str) -> str:
    if label != item.verdict:
        raise Invalid("Say in a line why it is that, since the judges said otherwise.", field="why")
    return why_of(session, item, gold_shelf.heard(session, item.id)[1])


def _again(session: Session, known: DbGold, label: str, words: str, asker_id: int | None) -> str:
    if known.state == "active":
        raise _already_gold()
    if known.retired_why in USED_UP:
        raise Conflict(
            "This page was gold and was taken back: it was disputed, or too many know the answer.",
            code="used_up",
        )
    if label != known.truth and gold_shelf.answers(session, [known.id]):
        raise Conflict(
            "Judges were measured by this page with another answer. Let them dispute it, or mark another page.",
            code="other_truth",
        )
    known.state, known.retired_why, known.retired_at = "active", "", None
    known.source, known.truth, known.why, known.created_by = "marked", label, words, asker_id
    return known.public_id


def _already_gold() -> Conflict:
    return Conflict("This page is gold already.", code="already_gold")
