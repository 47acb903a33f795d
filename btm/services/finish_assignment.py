"""Somebody has done what was asked: say so, so that they can hand it in on the platform."""

from __future__ import annotations

from datetime import datetime

from btm.rules.errors import Conflict
from btm.rules.works import may_hand_in
from btm.services.views_platforms import AssignmentView
from btm.services.working import assignment_view, count_new
from btm.store import people, platforms, queue
from btm.store.tables_platforms import DbAssignment
from btm.store.transaction import Session, transaction


def finish_assignment(assignment_id: int, *, now: datetime) -> AssignmentView:
    """Note that an assignment is done. Doing it twice is the same as once. Raises Conflict (`not_enough`) with what is missing."""
    with transaction() as session:
        assignment = platforms.get_assignment(session, assignment_id, lock=True)
        done = count_new(session, assignment)
        if assignment.state == "working":
            if not may_hand_in(
                done, assignment.work.pieces, is_nothing_left=_nothing_left(session, assignment, now)
            ):
                raise Conflict(
                    f"{done} of {assignment.work.pieces} pages are done. Do the rest first; nothing is lost.",
                    code="not_enough",
                )
            assignment.state, assignment.done_at = "done", now
        return assignment_view(assignment, done, now)


def _nothing_left(session: Session, assignment: DbAssignment, now: datetime) -> bool:
    """Whether a judge who may judge has no page left to judge."""
    work = assignment.work
    if work.kind != "judge" or not people.is_qualified(session, assignment.account_id, work.challenge_id):
        return False
    return not queue.waiting_for(session, [work.challenge.topic], assignment.account_id, now, 1)[
        work.challenge.topic
    ]
