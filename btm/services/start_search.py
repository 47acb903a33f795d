"""Begin a search for the lowest reward that works, or end one."""

from __future__ import annotations

from datetime import datetime

from btm.rules.errors import Conflict
from btm.rules.reward_search import Terms, check_terms, next_value
from btm.services.financing import get_financed
from btm.services.searching import held_of, put_reward
from btm.services.stopping import takes_no_page
from btm.store import challenges, searches
from btm.store.acts import record_act
from btm.store.tables_money import DbSearch, DbSearchStep
from btm.store.transaction import transaction

SETTING = "max_bonus"


def start_search(slug: str, terms: Terms, *, asker_id: int | None, now: datetime, new_id: str) -> None:
    """From now on the reward is measured, and halved as long as pace and quality hold. The sweep carries it on.

    Raises NotFound, Forbidden (no modeler of this challenge), Invalid, Conflict (`closed`, `lowest`, `running`).
    """
    check_terms(terms)
    with transaction() as session:
        challenge = challenges.lock_challenge(session, get_financed(session, slug, asker_id).id)
        if challenge.mode != "beat" or takes_no_page(session, challenge, now):
            raise Conflict(
                "A reward can only be searched for while a challenge takes pages against a machine.",
                code="closed",
            )
        if next_value(challenge.law.max_bonus, challenge.law.min_quote) is None:
            raise Conflict(
                f"Half of {challenge.law.max_bonus:,} points is less than the least quote, {challenge.law.min_quote:,}: there is nothing "
                "lower to try. Raise the reward, or lower the least quote, first.",
                code="lowest",
            )
        search = DbSearch(
            public_id=new_id, challenge_id=challenge.id, setting=SETTING, state="running", keep_pace=terms.keep_pace,
            keep_quality=terms.keep_quality, least_hours=terms.least_hours, least_pages=terms.least_pages,
            created_by=asker_id, created_at=now,
        )  # fmt: skip
        if not searches.add_search(session, search):
            raise Conflict("A search is under way in this challenge. End it first.", code="running")
        session.add(
            DbSearchStep(search_id=search.id, number=0, value=challenge.law.max_bonus, started_at=now)
        )
        detail = {
            "from": challenge.law.max_bonus, "keep_pace": terms.keep_pace, "keep_quality": terms.keep_quality,
        }  # fmt: skip
        record_act(session, "start_search", f"challenge:{slug}", actor_id=asker_id, at=now, detail=detail)


def stop_search(slug: str, *, asker_id: int | None, now: datetime) -> None:
    """End the search that runs: the reward is again the last that held. Raises NotFound, Forbidden, Conflict (`not_running`)."""
    with transaction() as session:
        challenge = challenges.lock_challenge(session, get_financed(session, slug, asker_id).id)
        search = searches.newest(session, challenge.id)
        if search is None or search.state != "running":
            raise Conflict("No search is under way here.", code="not_running")
        steps = searches.steps_of(session, search.id)
        held = held_of(steps)
        if challenge.law.max_bonus == steps[-1].value:
            put_reward(session, challenge, held)
        search.state, search.ended_at, search.message = "stopped", now, "It was ended by hand."
        steps[-1].ended_at = now
        record_act(
            session, "stop_search", f"challenge:{slug}", actor_id=asker_id, at=now, detail={"reward": held}
        )
