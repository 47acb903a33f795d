"""Was this content taken down here? Shared by the services; asks the database, so every process agrees.

Addresses and texts are known again by digests alone, so that nothing of them is kept.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import timedelta

from btm.pages.canonical import canonical_url
from btm.pages.clean import content_hash
from btm.pages.reasons import ReadFailed
from btm.pages.signature import bands, signature, similarity
from btm.services.near_duplicates import NEAR
from btm.store import takedowns
from btm.store.tables_abuse import DbTakedown
from btm.store.tables_play import DbPage
from btm.store.takedowns import Trace
from btm.store.transaction import Session
from classifiers.page import Page

SEAL_AFTER = timedelta(minutes=15)
"""Longer than any fetch, and any part of an import, can be under way: then a takedown is carried through once more, for good."""
NO_ADDRESS = "taken-down:"
"""With this begins what stands in the place of an address; the public id of the takedown follows."""
TITLE = "Taken down"
"""What stands in the place of a page's title."""


def digests(trace: Trace | DbPage) -> set[str]:
    """By what a page is known again: its addresses and its text."""
    known = {address_digest(url) for url in (trace.canonical_url, trace.final_canonical_url) if url}
    return known | {text_digest(trace.content_hash)}


def address_digest(canonical_url: str) -> str:
    """By what an address is known again."""
    return _digest(f"url:{canonical_url}")


def text_digest(content_hash: str) -> str:
    """By what a text is known again. Pages without one have nothing in common: the hash of none is that of no page."""
    return _digest(f"content:{content_hash}")


def is_address_down(session: Session, challenge_id: int, canonical_url: str) -> bool:
    """Whether a page of this address was taken down here."""
    return takedowns.find_by_digest(session, challenge_id, [address_digest(canonical_url)]) is not None


def is_page_down(session: Session, challenge_id: int, page: DbPage) -> bool:
    """Whether a page's address or text, or nearly the same text, was taken down here."""
    return what_took_down(session, challenge_id, page) is not None


def what_took_down(session: Session, challenge_id: int, page: DbPage) -> DbTakedown | None:
    """The takedown that keeps a page out of a challenge, if one does."""
    known = takedowns.find_by_digest(session, challenge_id, digests(page))
    if known is not None:
        return known
    near = takedowns.sharing_band(session, challenge_id, bands(page.signature))
    return next((each for each in near if similarity(page.signature, each.signature) >= NEAR), None)


def allowed(session: Session, challenge_id: int, pages: Sequence[Page]) -> list[int]:
    """The places of those pages, of a file or a crawl, that were not taken down here."""
    if not takedowns.is_any(session, challenge_id):
        return list(range(len(pages)))
    return [at for at, page in enumerate(pages) if not is_page_down(session, challenge_id, as_row(page))]


def as_row(page: Page) -> DbPage:
    """A page of a file or a crawl, as far as it is known again."""
    try:
        address = canonical_url(page.url) if page.url else ""
    except ReadFailed:
        address = page.url
    return DbPage(
        canonical_url=address, final_canonical_url=address, content_hash=content_hash(page.text),
        signature=signature(page.text),
    )  # fmt: skip


def _digest(words: str) -> str:
    return hashlib.sha256(words.encode("utf-8", "surrogatepass")).hexdigest()
