"""A player's submissions, newest first."""

from __future__ import annotations

from datetime import datetime

from btm.services.cursors import read_cursor
from btm.services.finding import get_challenge
from btm.services.submission_views import views_of
from btm.services.views_play import SubmissionView
from btm.store import play
from btm.store.transaction import reading


def list_submissions(
    player_id: int, *, now: datetime, slug: str | None = None, limit: int = 20, cursor: str | None = None
) -> tuple[list[SubmissionView], str | None]:
    """A page of submissions, of one challenge or of all, and the cursor of the next page. Raises Invalid for a broken cursor."""
    before = read_cursor(cursor)
    with reading() as session:
        challenge_id = get_challenge(session, slug).id if slug else None
        rows = play.submissions_of(session, player_id, challenge_id, before, limit + 1)
        more = str(rows[limit - 1].id) if len(rows) > limit else None
        return views_of(session, rows[:limit], player_id, now), more
