"""A worker says that it lives."""

from __future__ import annotations

from datetime import datetime

from btm.store import operations
from btm.store.transaction import transaction


def say_alive(name: str, *, started_at: datetime, now: datetime) -> None:
    """Note the worker `name` as seen now, and forget those that have long been gone."""
    with transaction(lasting=False) as session:
        operations.beat(session, name, started_at=started_at, now=now)
        operations.forget_beats(session, now - operations.LONG_GONE)
