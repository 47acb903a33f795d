"""A clock that only moves when it is told to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

WEDNESDAY_NOON = datetime(2026, 11, 4, 12, tzinfo=UTC)


class Clock:
    """Call it for the moment; `advance(minutes=5)` moves it."""

    def __init__(self, now: datetime = WEDNESDAY_NOON) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **much: float) -> datetime:
        """Move on by as much as the keywords of `timedelta` say; returns the new moment."""
        self.now += timedelta(**much)
        return self.now
