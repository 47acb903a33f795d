"""The short test before somebody may judge."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta


def pass_mark(items: int, share: float) -> int:
    """How many answers must be right, of `items`, for a share from 0 to 1."""
    return min(items, math.ceil(items * share - 1e-9))


def count_right(answers: Mapping[int, str], truths: Sequence[str]) -> int:
    """How many of the numbered answers (from 0) are right; a missing answer is wrong."""
    return sum(answers.get(number) == truth for number, truth in enumerate(truths))


def retry_at(failed_at: datetime | None, wait_minutes: float, now: datetime) -> datetime | None:
    """When the test may be taken again, or None where that is now."""
    if failed_at is None:
        return None
    at = failed_at + timedelta(minutes=wait_minutes)
    return at if at > now else None
