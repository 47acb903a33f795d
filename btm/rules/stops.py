"""When a challenge is to stop taking pages by itself: on a day, after so many finds, or before more points are spent than were meant.

What is promised already is judged and paid, whatever stops: only new pages are refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from btm.rules.budget import MOST_POINTS
from btm.rules.errors import Invalid

MOST_FINDS = 10_000_000
DATE, FINDS, BUDGET = "stop_date", "stop_finds", "stop_budget"
SENTENCES = {
    DATE: "This challenge ran until a day that was set for it, and that day is over.",
    FINDS: "As much has been found here as was asked for.",
    BUDGET: "What was set aside for this challenge has been promised or paid.",
}
"""What a player reads of each reason."""


@dataclass(frozen=True, slots=True)
class Stops:
    """The conditions; one that is None does not count. Points: `spent` is the most that may be promised and paid in all, `keep_free`
    the least that has to stay free."""

    until: datetime | None = None
    finds: int | None = None
    spent: int | None = None
    keep_free: int | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """How a challenge does: verified finds, points promised and paid in all, and points that are free."""

    found: int = 0
    spent: int = 0
    free: int = 0


def why_stopped(stops: Stops, standing: Standing, now: datetime | None, amount: int = 0) -> str:
    """The first condition that is met: DATE, FINDS or BUDGET; an empty string where none is.

    amount: points that the next page may cost; it has to fit within `spent` and `keep_free`. now: None leaves the day out.
    """
    if stops.until is not None and now is not None and now >= stops.until:
        return DATE
    if stops.finds is not None and standing.found >= stops.finds:
        return FINDS
    if stops.spent is not None and standing.spent + max(1, amount) > stops.spent:
        return BUDGET
    if stops.keep_free is not None and standing.free - amount < stops.keep_free:
        return BUDGET
    return ""


def still_to_spend(stops: Stops, standing: Standing) -> int:
    """Points that may still be promised within the conditions on points: what is free, or less."""
    left = [standing.free]
    if stops.spent is not None:
        left.append(stops.spent - standing.spent)
    if stops.keep_free is not None:
        left.append(standing.free - stops.keep_free)
    return max(0, min(left))


def check_stops(stops: Stops) -> Stops:
    """The conditions, if they can be meant. Raises Invalid with the field to blame."""
    if stops.finds is not None and not 1 <= stops.finds <= MOST_FINDS:
        raise Invalid(f"Stop after at least 1 find, and at most {MOST_FINDS:,}.", field="finds")
    for name in ("spent", "keep_free"):
        value = getattr(stops, name)
        if value is not None and not 1 <= value <= MOST_POINTS:
            raise Invalid(
                f"Give a number of points from 1 to {MOST_POINTS:,}, or leave it empty.", field=name
            )
    return stops
