"""A machine that does not answer: when to ask it again, and when to stop. Submissions wait meanwhile, and none is lost."""

from __future__ import annotations

from datetime import datetime, timedelta

LONGEST = timedelta(hours=24)
"""So long a submission waits for its machine before it is given back, kindly."""
SHORTEST_PAUSE = timedelta(seconds=15)
LONGEST_PAUSE = timedelta(minutes=10)
GROWTH = 0.5
"""The next pause, as a share of the time waited so far: every pause is half as long again as the one before."""


def ask_again_at(now: datetime, since: datetime, retry_after: float = 0.0) -> datetime | None:
    """When to ask next a machine that has not answered since `since`; None once it is time to give up.

    `retry_after`: seconds that the machine itself asked for, heeded up to the longest pause.
    """
    waited = now - since
    if waited >= LONGEST:
        return None
    wished = timedelta(seconds=max(0.0, min(retry_after, LONGEST_PAUSE.total_seconds())))
    pause = max(SHORTEST_PAUSE, wished, min(waited * GROWTH, LONGEST_PAUSE))
    return min(now + pause, since + LONGEST)
