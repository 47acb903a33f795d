"""Take work down: nobody new comes in, and whoever works may finish."""

from __future__ import annotations

from datetime import datetime

from btm.rules.errors import NotFound
from btm.services import bell
from btm.services.modelling import get_modelled
from btm.services.recording import record
from btm.services.views_platforms import WorkView
from btm.services.working import work_view
from btm.store import works
from btm.store.transaction import transaction


def close_work(slug: str, public_id: str, *, asker_id: int | None, now: datetime) -> WorkView:
    """From this moment nobody new comes in; the worker tells the platform. Closing twice is the same as once. Raises NotFound, Forbidden."""
    with transaction() as session:
        challenge = get_modelled(session, slug, asker_id)
        work = works.find_work(session, public_id, lock=True)
        if work is None or work.challenge_id != challenge.id:
            raise NotFound("This challenge has no such work.")
        is_new = work.state in ("publishing", "open")
        if is_new:
            work.state, work.wake_at = "closing", now
            record(session, challenge, "close_work", asker_id, now, work=public_id)
        view = work_view(work, works.tallies(session, [work.id])[work.id])
        work_id = work.id
    if is_new:
        bell.ring("work", work_id)
    return view
