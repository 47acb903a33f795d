"""A challenge's newest search for the lowest reward, step by step."""

from __future__ import annotations

from datetime import datetime

from btm.rules import reward_search as law
from btm.services.financing import get_financed
from btm.services.searching import seen_in, terms_of
from btm.services.views_money import SearchView, StepView
from btm.store import searches
from btm.store.transaction import reading


def show_search(slug: str, *, asker_id: int | None, now: datetime) -> SearchView | None:
    """None where there was none. Raises NotFound, Forbidden (no modeler of this challenge)."""
    with reading() as session:
        challenge = get_financed(session, slug, asker_id)
        search = searches.newest(session, challenge.id)
        if search is None:
            return None
        steps = searches.steps_of(session, search.id)
        seen = [seen_in(session, search, step, now) for step in steps]
    return SearchView(
        state=search.state,
        message=search.message,
        terms=terms_of(search),
        created_at=search.created_at,
        ended_at=search.ended_at,
        steps=tuple(
            StepView(
                step.value,
                each,
                law.pace_ratio(seen[0], each) if step.number else None,
                law.quality_ratio(seen[0], each) if step.number and each.decided else None,
                "first" if step.verdict == law.KEPT and not step.number else step.verdict,
                step.started_at,
                step.ended_at,
            )
            for step, each in zip(steps, seen, strict=True)
        ),
    )
