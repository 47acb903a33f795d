"""A challenge's work on platforms, and one of them with its assignments, for its modelers."""

from __future__ import annotations

from btm.rules.errors import NotFound
from btm.services.modelling import get_modelled
from btm.services.views_platforms import AssignmentRow, WorkView
from btm.services.working import work_view
from btm.store import machines, platforms, works
from btm.store.transaction import reading


def show_works(slug: str, *, asker_id: int | None) -> list[WorkView]:
    """All work of a challenge, newest first. Raises NotFound, Forbidden."""
    with reading() as session:
        rows = works.works_of(session, get_modelled(session, slug, asker_id).id)
        counts = works.tallies(session, [row.id for row in rows])
        return [work_view(row, counts[row.id]) for row in rows]


def show_work(slug: str, public_id: str, *, asker_id: int | None) -> tuple[WorkView, list[AssignmentRow]]:
    """One work and its newest assignments. Raises NotFound, Forbidden."""
    with reading() as session:
        challenge = get_modelled(session, slug, asker_id)
        work = works.find_work(session, public_id)
        if work is None or work.challenge_id != challenge.id:
            raise NotFound("This challenge has no such work.")
        rows = works.assignments_of(session, work.id)
        done = platforms.count_pieces(session, [row.id for row in rows])
        names = machines.handles(session, {row.account_id for row in rows})
        found = [
            AssignmentRow(
                public_id=row.external_id, worker=row.worker.external_id, handle=names.get(row.account_id, ""),
                state=row.state, done=done[row.id], pieces=work.pieces, is_known=row.is_known,
                is_short=bool(row.trouble), trouble=row.trouble, arrived_at=row.arrived_at,
            )
            for row in rows
        ]  # fmt: skip
        return work_view(work, works.tallies(session, [work.id])[work.id]), found
