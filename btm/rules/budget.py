"""A challenge's budget: what of it may still be promised, what may be taken out of it, and how long it lasts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from btm.rules.errors import Conflict, Invalid

MOST_POINTS = 1_000_000_000_000
"""More than this at once is a slip of the hand, whatever a point is worth."""
LEAST_DAYS = 3
"""Fewer whole days than this say nothing about the days to come."""
WIDTH = 1.96
"""Standard errors to either side for an interval of 95%."""
LONGEST_DAYS = 3650.0
"""What lasts longer than this is not said: nobody can know it."""


@dataclass(frozen=True, slots=True)
class Pots:
    """Where a challenge's points are. `paid` is what workers earned, whether it was paid out already or not."""

    funded: int
    promised: int
    paid: int

    @property
    def free(self) -> int:
        """What may still be promised."""
        return self.funded - self.promised - self.paid

    @property
    def spent(self) -> int:
        """What is promised or was earned."""
        return self.promised + self.paid


def check_funding(points: int, pots: Pots) -> int:
    """So many points may be put into a budget, or taken out where they are below 0: never what is promised or earned.

    Raises Invalid (field `points`) for none or too many, Conflict (`promised`) where they are not free.
    """
    if points == 0:
        raise Invalid("Say how many points: a whole number, at least 1.", field="points")
    if abs(points) > MOST_POINTS:
        raise Invalid(f"That is too much at once: {MOST_POINTS:,} points at most.", field="points")
    if pots.free + points < 0:
        raise Conflict(
            f"Only {max(0, pots.free):,} points are free. {pots.promised:,} are promised for pages that wait for their "
            f"verdict, and {pots.paid:,} are earned: neither can be taken back.",
            code="promised",
        )
    return points


@dataclass(frozen=True, slots=True)
class Forecast:
    """When a free budget runs out, if it goes on as in the last `over_days` whole days. `per_day`: points a day, with a 95% interval
    of their mean. `days`: how long it lasts, `soonest` and `latest` at the ends of that interval; None where it does not run out, or
    not within ten years."""

    over_days: int
    per_day: float
    low: float
    high: float
    days: float | None
    soonest: float | None
    latest: float | None


def forecast(free: int, spent_by_day: Sequence[int]) -> Forecast | None:
    """What the points spent on each of the last whole days, oldest first, say about the free budget; None for too few days."""
    count = len(spent_by_day)
    if count < LEAST_DAYS:
        return None
    mean = sum(spent_by_day) / count
    spread = sqrt(sum((each - mean) ** 2 for each in spent_by_day) / (count - 1))
    reach = WIDTH * spread / sqrt(count)
    low, high = max(0.0, mean - reach), max(0.0, mean + reach)
    return Forecast(count, mean, low, high, _lasts(free, mean), _lasts(free, high), _lasts(free, low))


def _lasts(free: int, per_day: float) -> float | None:
    days = max(0, free) / per_day if per_day > 0 else LONGEST_DAYS + 1
    return days if days <= LONGEST_DAYS else None
