"""One submission, for its player; and for everybody once it is a public find."""

from __future__ import annotations

from datetime import datetime

from btm.rules.errors import NotFound
from btm.services.submission_views import views_of
from btm.services.views_play import SubmissionView
from btm.store import play
from btm.store.transaction import reading


def show_submission(public_id: str, *, viewer_id: int | None, now: datetime) -> SubmissionView:
    """The submission as `viewer_id` sees it. Raises NotFound when it is neither the viewer's own nor a verified error."""
    with reading() as session:
        submission = play.find_submission(session, public_id)
        if submission is None or not (
            submission.player_id == viewer_id or _is_public(play.outcome_of(session, submission.id))
        ):
            raise NotFound("There is no such submission, or it is not public.")
        return views_of(session, [submission], viewer_id, now)[0]


def _is_public(outcome: object) -> bool:
    return bool(getattr(outcome, "is_error", False))
