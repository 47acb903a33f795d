"""Carry searches for the lowest reward on: measure the step, and halve the reward, or go back to the last that held."""

from __future__ import annotations

from datetime import datetime

from btm.rules import reward_search as law
from btm.services.searching import held_of, put_reward, seen_in, terms_of
from btm.services.stopping import takes_no_page
from btm.store import challenges, searches
from btm.store.acts import record_act
from btm.store.tables_challenges import DbChallenge
from btm.store.tables_money import DbSearch, DbSearchStep
from btm.store.transaction import Session, reading, transaction


def advance_searches(*, now: datetime) -> None:
    """Look at every search that runs. May be called as often as one likes, by several at once."""
    with reading() as session:
        due = searches.running(session)
    for search_id, challenge_id in due:
        with transaction() as session:
            challenge = challenges.lock_challenge(session, challenge_id)
            search = searches.get_search(session, search_id)
            if search.state == "running":
                _advance(session, challenge, search, now)


def _advance(session: Session, challenge: DbChallenge, search: DbSearch, now: datetime) -> None:
    steps = searches.steps_of(session, search.id)
    step, terms = steps[-1], terms_of(search)
    if challenge.law.max_bonus != step.value:
        step.ended_at = now
        _end(session, challenge, search, None, now, "Somebody else changed the reward, so the search ended.")
        return
    if takes_no_page(session, challenge, now):
        step.ended_at = now
        _end(
            session,
            challenge,
            search,
            held_of(steps),
            now,
            "The challenge took no more pages, so the search ended.",
        )
        return
    seen = seen_in(session, search, step, now)
    first = seen_in(session, search, steps[0], now)
    verdict = law.first_verdict(seen, terms) if step is steps[0] else law.step_verdict(first, seen, terms)
    if not verdict:
        return
    step.verdict, step.ended_at = verdict, now
    step.pages, step.finds, step.pace, step.quality = seen.decided, seen.finds, seen.pace, seen.quality
    if verdict == law.TOO_FEW:
        _end(session, challenge, search, step.value, now, "Too few pages came at the reward that there was.")
    elif verdict != law.KEPT:
        held = steps[-2].value
        _end(session, challenge, search, held, now, f"{held:,} is the lowest that held.", found=True)
    elif (half := law.next_value(step.value, challenge.law.min_quote)) is None:
        _end(session, challenge, search, step.value, now, "It held as low as it can be.", found=True)
    else:
        put_reward(session, challenge, half)
        session.add(DbSearchStep(search_id=search.id, number=step.number + 1, value=half, started_at=now))
        _record(session, challenge, "halve_reward", {"reward": half}, now)


def _end(
    session: Session, challenge: DbChallenge, search: DbSearch, value: int | None, now: datetime, said: str, *, found: bool = False
) -> None:  # fmt: skip
    """value: the reward from now on; None leaves what somebody else chose."""
    if value is not None:
        put_reward(session, challenge, value)
    search.state, search.ended_at, search.message = "found" if found else "stopped", now, said
    _record(session, challenge, "end_search", {"reward": challenge.law.max_bonus, "message": said}, now)


def _record(
    session: Session, challenge: DbChallenge, verb: str, detail: dict[str, object], now: datetime
) -> None:
    record_act(session, verb, f"challenge:{challenge.slug}", actor_id=None, at=now, detail=detail)
