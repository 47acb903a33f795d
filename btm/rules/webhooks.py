"""Webhooks: what is told, how it is signed, and when a delivery that failed is tried again."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Collection
from datetime import datetime, timedelta

from btm.rules.errors import Invalid

EVENTS = {
    "verdict": "a page has its verdict, or another one",
    "cluster_born": "finds with one cause form a new cluster",
    "machine_promoted": "a round's machine plays from now on",
    "budget_low": "the free budget no longer pays for ten finds; once for each time that points are put in",
}
TEST = "test"
"""What is told to see whether an address hears: whatever it asked for, and once."""
WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 360, 720, 1440))
"""How long until each next try. After the last one a delivery has failed."""
MOST_WEBHOOKS = 20
ENOUGH_FINDS = 10


def check_events(events: Collection[str]) -> tuple[str, ...]:
    """The events in their usual order. Raises Invalid (field `events`)."""
    if not events or set(events) - EVENTS.keys():
        raise Invalid(f"Say what to tell: one or more of {', '.join(EVENTS)}.", field="events")
    return tuple(event for event in EVENTS if event in events)


def signature(secret: str, moment: int, body: bytes) -> str:
    """The header that shows who sent `body`, and when (in seconds since 1970): an HMAC over both, so that neither is changed, and
    an old delivery is not taken for a new one."""
    told = hmac.new(secret.encode(), b"%d." % moment + body, hashlib.sha256).hexdigest()
    return f"t={moment},v1={told}"


def next_try(tries: int, now: datetime) -> datetime | None:
    """When to try again after so many tries; None for never."""
    return now + WAITS[tries - 1] if tries <= len(WAITS) else None


def is_low(free: int, max_bonus: int) -> bool:
    """Whether a free budget no longer pays for ten finds at the most that a find can bring."""
    return free < ENOUGH_FINDS * max_bonus
