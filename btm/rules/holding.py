"""When points for a find may leave: its page is looked at again, at another time, before they do.

A page can show the server something else than people, or be changed once it was paid for. What was judged stays what it was; only the
payment waits, never longer than the player was told when the page was committed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

REACHED = ("same", "changed")
"""What a look says that got to see a page. Others (gone, failed) say nothing about what it would have shown."""
MOST_MISSES = 2
"""So many looks that did not get to see the page are enough: a site that is down is not its finder's fault."""
FIRST_LOOK = timedelta(days=1)
"""A page that is another one at another time of the day, or once it was paid for, is seen before much is paid out."""
LOOK_EVERY = timedelta(days=7)
YOUNG = timedelta(days=14)
"""For so long after its verdict a page that could not be seen is tried again each day, not each week."""
MOST_DAYS = 90
"""Nothing is held for longer, whatever a challenge says."""
WHY = {
    "unseen": "not looked at again yet",
    "changed": "another page was found there since",
    "desk": "a modeler decides about it",
}


@dataclass(frozen=True, slots=True)
class Look:
    """A page was fetched again: `state` is same, changed, gone or failed."""

    state: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Wait:
    """Why points wait (one of WHY), and the moment from which they do not, whatever happens."""

    why: str
    until: datetime


def why_held(
    settled_at: datetime,
    looks: Sequence[Look],
    hold_days: float,
    now: datetime,
    *,
    is_released: bool = False,
    decided_at: datetime | None = None,
) -> Wait | None:
    """Why the points of a find are not paid out yet; None where they may be.

    They wait until a look that got to see the page found it the same, or until two looks could not see it. Where the last look
    that saw one saw another page, they wait for a modeler's word. After `hold_days` from the verdict they wait for nothing.
    settled_at: when the verdict was given; only later looks count. looks: in any order. is_released: a modeler said that they may be
    paid. decided_at: when a modeler last decided what the page is; that counts as their word on what had been seen by then.
    """
    until = settled_at + timedelta(days=hold_days)
    if is_released or now >= until:
        return None
    later = sorted((look for look in looks if look.at > settled_at), key=lambda look: look.at)
    seen = [look for look in later if look.state in REACHED]
    if not seen:
        return None if len(later) >= MOST_MISSES else Wait("unseen", until)
    if seen[-1].state == "same":
        return None
    first = next(look.at for look in seen if look.state == "changed")
    return None if decided_at is not None and decided_at >= first else Wait("changed", until)


def next_look(settled_at: datetime, last: Look | None) -> datetime:
    """When a find's page is to be fetched again. last: the last time that it was, if ever."""
    if last is None:
        return settled_at + FIRST_LOOK
    is_soon = last.state not in REACHED and last.at < settled_at + YOUNG
    return last.at + (FIRST_LOOK if is_soon else LOOK_EVERY)


def free_points(balance: int, held: int) -> int:
    """What of a worker's balance in a challenge may be paid out. What is held never makes a debt of a balance."""
    return balance - min(held, max(0, balance))
