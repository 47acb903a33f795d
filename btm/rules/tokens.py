"""Personal tokens of the API: what they may be for, how long they live, and what a request may do with one."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from btm.rules.errors import Invalid

SCOPES = {
    "read": "see what is yours: your account, submissions, statement and judging record",
    "play": "hand in pages, take quotes, take pages back, appeal",
    "judge": "take pages to judge, and answer",
    "model": "run the challenges that you model: write, train, inspect, export",
    "operate": "what costs or moves money, and what reaches other sites: budgets, payouts, platforms, webhooks",
}
"""What a token may be for. It never allows more than its owner may do: a scope narrows, a role opens."""
PREFIX = "btm_"
DEFAULT_DAYS, LONGEST_DAYS = 90, 366
LONGEST_NAME = 60
MOST_TOKENS = 50


def check_name(name: str) -> str:
    """The name to keep. Raises Invalid (field `name`)."""
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise Invalid(
            f"Name the token, so that you know it again: 1 to {LONGEST_NAME} characters.", field="name"
        )
    return name


def check_scopes(scopes: Collection[str]) -> tuple[str, ...]:
    """The scopes in their usual order. Raises Invalid (field `scopes`) for none, or for one that is not there."""
    unknown = sorted(set(scopes) - SCOPES.keys())
    if unknown or not scopes:
        raise Invalid(f"Say what the token is for: one or more of {', '.join(SCOPES)}.", field="scopes")
    return tuple(scope for scope in SCOPES if scope in scopes)


def expiry(days: int, now: datetime) -> datetime:
    """When a token that is made now runs out. Raises Invalid (field `days`)."""
    if not 1 <= days <= LONGEST_DAYS:
        raise Invalid(f"A token lives from 1 to {LONGEST_DAYS} days.", field="days")
    return now + timedelta(days=days)
