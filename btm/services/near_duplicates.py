"""Is this page, or one like it, already somebody's? Shared by the services; asks the database, so every process agrees."""

from __future__ import annotations

from btm.pages.signature import bands, similarity
from btm.store import collecting, play
from btm.store.tables_play import DbPage
from btm.store.transaction import Session

NEAR = 0.6
"""From this estimated Jaccard similarity of word shingles on, two texts are one page: about 3 words in 100 changed."""


def find_repeat(session: Session, challenge_id: int, page: DbPage) -> int | None:
    """The committed submission of a challenge whose page this one repeats: same URL, same content, or nearly the same text."""
    claimed = play.find_claim(session, challenge_id, play.claim_keys(page))
    if claimed is not None:
        return claimed.id
    near = play.near_candidates(session, challenge_id, bands(page.signature))
    scored = [(similarity(page.signature, signature), -i) for i, signature in near]
    best = max(scored, default=(0.0, 0))
    return -best[1] if best[0] >= NEAR else None


def how_taken(session: Session, repeat: int) -> str:
    """The refusal for a page that repeats a committed submission, by how that one stands."""
    outcome = play.outcome_of(session, repeat)
    if outcome is None and collecting.example_of(session, repeat) is not None:
        return "already_judged"
    if outcome is None:
        return "already_handed_in"
    return "already_found" if outcome.is_error else "already_judged"
