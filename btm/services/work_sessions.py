"""A browser at an assignment, known by the token in its address: what a cookie would hold, and how far the work is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from btm.services.passwords import token_hash
from btm.services.views_platforms import AssignmentView
from btm.services.working import assignment_view, count_new
from btm.store import platforms
from btm.store.transaction import reading, transaction


def open_kept(token: str) -> dict[str, Any] | None:
    """What is kept for a token; None where there is no such browser."""
    with reading() as session:
        row = platforms.find_work_session(session, token_hash(token))
        return dict(row.kept) if row else None


def keep(token: str, kept: Mapping[str, Any]) -> None:
    """Keep what a cookie would hold."""
    with transaction() as session:
        row = platforms.find_work_session(session, token_hash(token))
        if row is not None:
            row.kept = dict(kept)


def find_assignment(token: str, *, now: datetime) -> AssignmentView | None:
    """The assignment behind a token, with what was done for it by now. Writes only where something new is to be counted."""
    with reading() as session:
        row = platforms.find_work_session(session, token_hash(token))
        if row is None:
            return None
        assignment = platforms.get_assignment(session, row.assignment_id)
        done = platforms.count_pieces(session, [assignment.id])[assignment.id]
        left = assignment.work.pieces - done
        is_new = left > 0 and bool(platforms.uncounted(session, assignment, 1))
        if not is_new:
            return assignment_view(assignment, done, now)
    with transaction() as session:
        assignment = platforms.get_assignment(session, row.assignment_id, lock=True)
        return assignment_view(assignment, count_new(session, assignment), now)
