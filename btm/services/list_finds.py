"""What was found in a challenge, for everybody."""

from __future__ import annotations

from datetime import datetime

from btm.services.corpus_views import find_view
from btm.services.cursors import read_cursor
from btm.services.finding import get_challenge
from btm.services.presenting import challenge_view
from btm.services.views_corpus import FindsPage
from btm.store import challenges, corpus
from btm.store.transaction import reading


def list_finds(slug: str, *, now: datetime, cursor: str | None = None, limit: int = 50) -> FindsPage:
    """Verified errors, newest first. Raises NotFound, and Invalid for a broken cursor."""
    before = read_cursor(cursor)
    with reading() as session:
        challenge = get_challenge(session, slug)
        rows = corpus.finds(session, challenge.id, before, limit + 1)
        figures = challenges.figures(session, [challenge.id])[challenge.id]
        return FindsPage(
            challenge=challenge_view(challenge, figures, now),
            finds=tuple(find_view(challenge, *row) for row in rows[:limit]),
            total=figures.found,
            next_cursor=str(rows[limit - 1][0].id) if len(rows) > limit else None,
        )
