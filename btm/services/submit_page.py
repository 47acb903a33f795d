"""A player pastes a URL: write the row, ring the bell. Fetching happens in the background."""

from __future__ import annotations

from datetime import datetime

from btm.pages.canonical import canonical_url, pasted
from btm.pages.reasons import ReadFailed
from btm.pages.urls import parse
from btm.rules.errors import Invalid
from btm.services import bell
from btm.services.finding import get_challenge
from btm.store import play
from btm.store.tables_play import DbSubmission
from btm.store.transaction import insert_once, transaction

MAX_URL = 2000


def submit_page(slug: str, url: str, *, player_id: int, now: datetime, new_id: str) -> str:
    """Take a URL into a challenge; returns the submission's public id.

    The same URL again, while the first is still on its way, is the same submission: a unique index decides.
    Raises Invalid (field `url`) for what is no web address, NotFound for no challenge.
    """
    address, canonical = _read_url(url)
    with transaction() as session:
        challenge = get_challenge(session, slug)
        refusal = "" if challenge.state == "live" else "closed"
        values = {
            "public_id": new_id, "challenge_id": challenge.id, "player_id": player_id, "url": address,
            "canonical_url": canonical, "state": "refused" if refusal else "queued", "step": "", "fence": 0,
            "wake_at": now, "created_at": now, "refusal": refusal,
        }  # fmt: skip
        row_id = insert_once(session, DbSubmission, values)
        if row_id is None:
            earlier = play.find_on_the_way(session, challenge.id, player_id, canonical)
            if earlier is None:
                raise Invalid("Something got in the way. Paste the address again.", field="url")
            row_id, new_id = earlier.id, earlier.public_id
    bell.ring("examine", row_id)
    return new_id


def _read_url(url: str) -> tuple[str, str]:
    """The address to fetch and its canonical form. Whether it may be fetched at all is the examination's question."""
    too_long = Invalid(
        f"This address is longer than {MAX_URL} characters. Paste the page's plain address.", field="url"
    )
    if len(url) > MAX_URL:
        raise too_long
    try:
        address = parse(pasted(url)).url
    except ReadFailed as error:
        raise Invalid(error.sentence, field="url", code=error.code) from error
    if len(address) > MAX_URL:  # letters beyond ASCII take up to twelve characters each, spelt out
        raise too_long
    return address, canonical_url(address)
