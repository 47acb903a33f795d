"""Take content down: a page, and whatever has the same text, is emptied at once, and known again when it comes back.

What else holds it (nearly the same text elsewhere, the bytes in the store) goes right after, in the background: `finish_takedown`.
"""

from __future__ import annotations

from datetime import datetime

from btm.pages.canonical import canonical_url, pasted
from btm.pages.reasons import ReadFailed
from btm.pages.signature import bands
from btm.pages.urls import parse
from btm.rules.errors import Conflict, Invalid, NotFound
from btm.rules.takedowns import REASONS
from btm.services import bell
from btm.services.emptying import empty_pages
from btm.services.modelling import get_modelled
from btm.services.recording import record
from btm.services.taken_down import address_digest
from btm.services.wording import one_line
from btm.store import takedowns
from btm.store.tables_challenges import DbChallenge
from btm.store.transaction import Session, transaction

LONGEST_NOTE = 300


def take_down(
    slug: str,
    what: str,
    *,
    reason: str,
    note: str = "",
    everywhere: bool = False,
    asker_id: int | None,
    now: datetime,
    new_id: str,
) -> str:
    """Take down what a submission or a review item with the public id `what` shows, or the page at the address `what`. Returns the
    takedown's public id; of what was taken down already, that of the first one.

    reason: one of `rules.takedowns.REASONS`. note: for the modelers of the challenge to read. everywhere: in every challenge, which
    the operator alone may (asker_id None). Raises NotFound, Forbidden, Invalid (field `reason` or `what`), and
    Conflict (`taken_down`) where somebody was quicker by a moment.
    """
    if reason not in REASONS:
        raise Invalid("Choose why it has to go.", field="reason")
    if not what.strip():
        raise Invalid("Say which page: its id, or its address.", field="what")
    if everywhere and asker_id is not None:
        raise Invalid("Only the operator can take a page down everywhere.", field="what")
    with transaction() as session:
        challenge = get_modelled(session, slug, asker_id)
        known = takedowns.takedown_named(session, challenge.id, what.strip())
        if known is not None:
            return known.public_id
        page = takedowns.get_page(session, _page(session, challenge, what.strip()))
        before = takedowns.takedown_of_page(session, page.id)
        if before is not None:
            return before.public_id
        values = {
            "public_id": new_id, "challenge_id": None if everywhere else challenge.id, "reason": reason,
            "note": one_line(note, LONGEST_NOTE), "signature": page.signature, "taken_by": asker_id, "taken_at": now,
        }  # fmt: skip
        same = takedowns.pages_with_text(session, page.content_hash) if page.content_hash else []
        made = takedowns.add(session, values, bands(page.signature))
        emptied = empty_pages(session, made, sorted({page.id, *same}), now, meant=page.id)
        if page.id not in emptied:
            raise Conflict("Somebody else is taking this page down at this moment.", code="taken_down")
        record(
            session,
            challenge,
            "take_down",
            asker_id,
            now,
            takedown=new_id,
            reason=reason,
            everywhere=everywhere,
        )
        row_id = made.id
    bell.ring("takedown", row_id)
    return new_id


def _page(session: Session, challenge: DbChallenge, what: str) -> int:
    """The page that is meant. Raises NotFound."""
    found = takedowns.page_named(session, challenge.id, what)
    if found is None and "." in what:
        address = _address(what)
        found = takedowns.page_at(session, challenge.id, address) if address else None
        if found is None and address:
            known = takedowns.find_by_digest(session, challenge.id, [address_digest(address)])
            if known is not None:
                raise NotFound("Every page of this address was taken down already.")
    if found is None:
        raise NotFound("There is no page with this id or address in this challenge.")
    return found


def _address(what: str) -> str:
    try:
        return canonical_url(parse(pasted(what)).url)
    except ReadFailed:
        return ""
