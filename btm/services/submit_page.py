"""A player pastes a URL: write the row, ring the bell. Fetching happens in the background."""

from __future__ import annotations

from datetime import datetime
from ipaddress import ip_address

from btm.pages.canonical import canonical_url, pasted, site
from btm.pages.reasons import ReadFailed
from btm.pages.urls import parse
from btm.rules.challenge_states import takes_pages
from btm.rules.errors import Conflict, Invalid, TooMany
from btm.rules.flooding import WITHIN, why_too_many
from btm.services import bell
from btm.services.finding import get_challenge
from btm.services.stopping import stop_reason
from btm.services.taken_down import is_address_down
from btm.store import play
from btm.store.tables_challenges import DbChallenge
from btm.store.tables_play import DbSubmission
from btm.store.transaction import Session, insert_once, transaction

MAX_URL = 2000
TAKEN_DOWN = "This page was taken down here, and cannot be handed in again. Look for another one."


def submit_page(slug: str, url: str, *, player_id: int, now: datetime, new_id: str, label: str = "") -> str:
    """Take a URL into a challenge; returns the submission's public id. label: what the page is, where examples are collected.

    The same URL again, while the first is still on its way, is the same submission: a unique index decides.
    Raises Invalid (field `url` for what is no web address or was taken down, `label`), NotFound for no challenge, and Conflict (`other_label`)
    where the same page is on its way as something else, and TooMany (`site_busy`) where a site is flooded.
    """
    address, canonical = _read_url(url)
    of_site = _site(address)
    with transaction() as session:
        challenge = get_challenge(session, slug)
        claimed = _claimed(challenge, label.strip())
        if is_address_down(session, challenge.id, canonical):
            raise Invalid(TAKEN_DOWN, field="url", code="taken_down")
        if of_site:
            _check_flood(session, of_site, player_id, now)
        refusal = stop_reason(session, challenge.id, now) if takes_pages(challenge.state) else "closed"
        values = {
            "public_id": new_id, "challenge_id": challenge.id, "player_id": player_id, "url": address,
            "canonical_url": canonical, "site": of_site, "claimed": claimed, "state": "refused" if refusal else "queued", "step": "", "fence": 0,
            "wake_at": now, "created_at": now, "refusal": refusal,
        }  # fmt: skip
        row_id = insert_once(session, DbSubmission, values)
        if row_id is None:
            earlier = play.find_on_the_way(session, challenge.id, player_id, canonical)
            if earlier is None:
                raise Invalid("Something got in the way. Paste the address again.", field="url")
            if earlier.claimed != claimed and challenge.mode == "collect":
                raise Conflict(
                    "You have handed in this page here already, as something else. Take it back first, then hand it in anew.",
                    code="other_label",
                )
            row_id, new_id = earlier.id, earlier.public_id
    bell.ring("examine", row_id)
    return new_id


def _claimed(challenge: DbChallenge, label: str) -> str:
    """What the player says the page is; nothing where there is a machine to beat, since only one thing is sought then."""
    if challenge.mode != "collect":
        if label not in ("", challenge.target):
            raise Invalid(
                "Only one kind of page is looked for here. Leave the label out, and paste a page of that kind.",
                field="label",
            )
        return ""
    if label not in challenge.label_keys:
        raise Invalid("Say first what kind of page it is.", field="label")
    return label


def _check_flood(session: Session, of_site: str, player_id: int, now: datetime) -> None:
    too_many = why_too_many(*play.handed_in_of_site(session, of_site, player_id, now - WITHIN))
    if too_many:
        raise TooMany(too_many, code="site_busy")


def _site(address: str) -> str:
    """The site whose pages are counted; none for addresses of our own network, which only the operator opens."""
    name = site(address)[:255]
    try:
        return name if ip_address(name.strip("[]")).is_global else ""
    except ValueError:
        return "" if name == "localhost" else name


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
