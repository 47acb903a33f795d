"""How often one person or address may ask. The numbers are configuration: `BTM_LIMITS`."""

from __future__ import annotations

from collections.abc import Callable

from flask import current_app, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

from btm.web import identity

DEFAULTS = {
    "log_in": "20 per minute",
    "register": "20 per hour",
    "probe": "20 per minute",
    "judge": "120 per minute",
}


def limit_of(name: str) -> Callable[[], str]:
    """A function that reads the limit called `name` when a request comes."""
    return lambda: current_app.config.get("BTM_LIMITS", {}).get(name, DEFAULTS[name])


def by_person() -> str:
    """One allowance a registered person; strangers and visitors, who cost nothing to become, share their address's."""
    member = identity.current_member()
    return f"account:{member.id}" if member else f"address:{get_remote_address()}"


def by_handle() -> str:
    """One allowance for each name that somebody tries to log in as, wherever they try from."""
    return "handle:" + request.form.get("handle", "").strip().casefold()[:100]


limiter = Limiter(key_func=get_remote_address)
logging_in = limiter.limit(limit_of("log_in"), methods=["POST"])
logging_in_as = limiter.limit(limit_of("log_in"), key_func=by_handle, methods=["POST"])
arriving = limiter.limit("120 per minute; 2000 per hour")
registering = limiter.limit(limit_of("register"), methods=["POST"])
probing = limiter.limit(limit_of("probe"), key_func=by_person, methods=["POST"])
judging = limiter.limit(limit_of("judge"), key_func=by_person, methods=["POST"])
