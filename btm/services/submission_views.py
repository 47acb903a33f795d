"""Load all that the views of some submissions need, in a fixed number of queries. Shared by the services."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from btm.services.presenting import submission_view
from btm.services.views_play import SubmissionView
from btm.store import collecting, money, people, play, review
from btm.store import outcomes as appealed
from btm.store.tables_collecting import DbExample
from btm.store.tables_play import DbSubmission
from btm.store.tables_review import DbOutcome
from btm.store.transaction import Session


def views_of(
    session: Session, submissions: Sequence[DbSubmission], viewer_id: int | None, now: datetime
) -> list[SubmissionView]:
    """The submissions as `viewer_id` sees them, in the same order."""
    ids = [submission.id for submission in submissions]
    items = review.items_of_submissions(session, ids)
    counts = review.judgement_counts(session, [item.id for item in items.values()])
    outcomes: dict[int, DbOutcome | DbExample] = {**play.outcomes_of(session, ids)}
    outcomes |= collecting.examples_of(session, ids)
    appeals = appealed.appeals_of(session, ids)
    said = review.with_words(session, [item.id for item in items.values() if item.verdict is not None])
    paid = money.paid_for(session, ids)
    near_ids = _near_ids(submissions)
    near = play.with_pages(session, near_ids) if near_ids else {}
    public = frozenset(i for i, outcome in play.outcomes_of(session, near_ids).items() if outcome.is_error)
    public |= {
        i for i, row in near.items() if row.player_id == viewer_id
    }  # one's own need not be public to be shown
    viewer = people.find_account(session, viewer_id) if viewer_id else None
    return [
        submission_view(
            submission,
            viewer_id=viewer_id,
            is_visitor=viewer is None or viewer.handle is None,
            now=now,
            item=items.get(submission.id),
            judgements=counts.get(items[submission.id].id, 0) if submission.id in items else 0,
            outcome=outcomes.get(submission.id),
            appeal=appeals.get(submission.id),
            said=said.get(items[submission.id].id, ()) if submission.id in items else (),
            paid=paid.get(submission.id, 0),
            near=near,
            public=public,
        )
        for submission in submissions
    ]


def _near_ids(submissions: Sequence[DbSubmission]) -> list[int]:
    ids = {submission.repeats_id for submission in submissions if submission.repeats_id}
    for submission in submissions:
        if submission.quote:
            ids |= {neighbour for neighbour, _ in submission.quote.neighbours}
    return sorted(i for i in ids if i)
