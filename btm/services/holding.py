"""Finds whose points wait, because their pages have to be looked at again first. Shared by the services; sums are made when asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from btm.rules.holding import MOST_DAYS, WHY, Look, Wait, why_held
from btm.rules.settings import ChallengeRules, rules_from
from btm.services.presenting import host_of
from btm.services.views_money import HeldView
from btm.store import holds
from btm.store.holds import Unpaid
from btm.store.tables_corpus import DbRecheck
from btm.store.transaction import Session


@dataclass(frozen=True, slots=True)
class Held:
    """A find whose points wait, why, and the last time that its page was looked at, if it was."""

    find: Unpaid
    wait: Wait
    last: DbRecheck | None


def find_holds(
    session: Session,
    *,
    cutoff: datetime,
    now: datetime,
    account_id: int | None = None,
    challenge_id: int | None = None,
    submission_id: int | None = None,
    most: int | None = None,
) -> list[Held]:
    """What waits of the points that were earned up to `cutoff`, those verified longest ago first: two queries. Points of challenges for
    points only wait for nothing, since nobody is paid for them.

    Where a balance is read too, read it first: a page that is settled meanwhile is then held and not in the balance, which a later batch
    puts right.
    """
    found = holds.unpaid_finds(
        session,
        cutoff=cutoff,
        since=now - timedelta(days=MOST_DAYS),
        account_id=account_id,
        challenge_id=challenge_id,
        submission_id=submission_id,
        limit=most,
    )
    looks = holds.looks_at(session, [find.submission_id for find in found])
    rules = {find.challenge_id: find.rules for find in found}
    law = {challenge_id: rules_from(each) for challenge_id, each in rules.items()}
    held = []
    for find in found:
        seen = looks.get(find.submission_id, [])
        wait = _wait(find, law[find.challenge_id], seen, now)
        if wait is not None:
            held.append(Held(find, wait, seen[-1] if seen else None))
    return held


def _wait(find: Unpaid, rules: ChallengeRules, seen: list[DbRecheck], now: datetime) -> Wait | None:
    """By what was promised when the page was quoted; a page that was quoted before there was such a promise, by its challenge's rules."""
    if not rules.points_per_usd:
        return None
    days = float(find.terms.get("hold_days", rules.hold_days))
    if find.desk_at is not None:
        return Wait("desk", find.settled_at + timedelta(days=days))
    looks = [Look(row.state, row.checked_at) for row in seen]
    return why_held(find.settled_at, looks, days, now, decided_at=find.decided_at)


def held_view(held: Held) -> HeldView:
    """A find whose points wait, as a value."""
    find, last = held.find, held.last
    return HeldView(
        submission=find.public_id,
        slug=find.slug,
        handle=find.handle,
        title=find.title,
        host=host_of(find.url),
        points=find.points,
        why=held.wait.why,
        words=WHY[held.wait.why],
        until=held.wait.until,
        looked_at=last.checked_at if last else None,
        similarity=last.similarity if last else None,
        item=find.item,
    )
