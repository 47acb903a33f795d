"""A challenge's newest search for the lowest reward, step by step."""

from __future__ import annotations

from datetime import datetime

from btm.rules import reward_search as law
from btm.services.financing import get_financed
from btm.services.searching import seen_in, terms_of
from btm.services.views_money import SearchView, StepView
from btm.store import searches
from btm.store.tables_money import DbSearchStep
from btm.store.transaction import reading

LEAST_HOURS = 1
"""In less than an hour a step has no pace to speak of: a page in its first second would be a million a day."""


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
                law.pace_ratio(seen[0], each) if step.number and each.hours >= LEAST_HOURS else None,
                law.quality_ratio(seen[0], each) if step.number and each.decided else None,
                _word(search.state, step),
                step.started_at,
                step.ended_at,
            )
            for step, each in zip(steps, seen, strict=True)
        ),
    )


def _word(state: str, step: DbSearchStep) -> str:
    """How a step went, as btm.rules.reward_search.WORDS has it."""
    if step.verdict == law.KEPT and not step.number:
        return "first"
    return step.verdict or ("" if state == "running" else "cut")
