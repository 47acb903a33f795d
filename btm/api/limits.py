"""How often one account, or one address without a token, may ask. The numbers are configuration: `BTM_LIMITS`."""

from __future__ import annotations

import logging

from flask import Flask, current_app, g, request
from limits import parse_many
from limits.errors import ConcurrentUpdateError, ConfigurationError, StorageError
from limits.storage import storage_from_string
from limits.strategies import FixedWindowRateLimiter

from btm.rules.errors import TooMany

OWN = {"give_back": "20 per hour"}
"""Limits that no setting changes: who gives pages back without end looks through the queue."""
log = logging.getLogger(__name__)


def register_limits(app: Flask) -> None:
    """Counters where those of the pages are: in memory, or in Redis."""
    storage = storage_from_string(app.config["RATELIMIT_STORAGE_URI"], wrap_exceptions=True)
    app.extensions["btm_api_limits"] = FixedWindowRateLimiter(storage)


def count(name: str) -> None:
    """Count one request against the limit called `name`. Raises TooMany. A counter that is away lets everybody pass."""
    if not current_app.config.get("RATELIMIT_ENABLED", True):
        return
    counters: FixedWindowRateLimiter = current_app.extensions["btm_api_limits"]
    bearer = g.get("bearer")
    who = f"account:{bearer.account_id}" if bearer else f"address:{request.remote_addr}"
    words = current_app.config["BTM_LIMITS"].get(name) or OWN[name]
    try:
        passed = all(counters.hit(limit, f"api:{name}", who) for limit in parse_many(words))
    except (StorageError, ConcurrentUpdateError, ConfigurationError):
        log.warning("requests cannot be counted", exc_info=True)
        return
    if not passed:
        raise TooMany("You asked more often than we can answer. Wait a minute and send it again.")
