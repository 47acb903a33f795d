"""A search for the lowest reward: its terms, what came in a step, and putting a reward in place. Shared by the services."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from btm.rules.reward_search import KEPT, Seen, Terms
from btm.rules.settings import changes
from btm.store import searches
from btm.store.tables_challenges import DbChallenge
from btm.store.tables_money import DbSearch, DbSearchStep
from btm.store.transaction import Session


def put_reward(session: Session, challenge: DbChallenge, value: int) -> None:
    """From now on a find pays at most so much. What was quoted before keeps its own terms. Under the challenge's lock."""
    if challenge.law.max_bonus != value:
        challenge.rules = changes(replace(challenge.law, max_bonus=value))
        challenge.revision += 1
        session.flush()


def held_of(steps: Sequence[DbSearchStep]) -> int:
    """The last reward of a search that held; before any did, the one that there was."""
    return next((each.value for each in reversed(steps) if each.verdict == KEPT), steps[0].value)


def terms_of(search: DbSearch) -> Terms:
    """A search's terms."""
    return Terms(search.keep_pace, search.keep_quality, search.least_hours, search.least_pages)


def seen_in(session: Session, search: DbSearch, step: DbSearchStep, now: datetime) -> Seen:
    """What came in a step up to its end, or now. Pages count as long as they get their verdicts, also after it ended."""
    ends = step.ended_at or now
    counts = searches.seen(session, search.challenge_id, step.value, step.started_at)
    return Seen(*counts, hours=(ends - step.started_at).total_seconds() / 3600)
