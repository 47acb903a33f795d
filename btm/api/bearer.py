"""Who is asking: the token in the Authorization header, never a cookie."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import g, request

from btm.rules.errors import Forbidden, SignInNeeded
from btm.services import tokens
from btm.services.views_people import BearerView

LONGEST = 200


def now() -> datetime:
    """The present, aware and in UTC."""
    return datetime.now(UTC)


def identify() -> None:
    """Set `g.bearer`. Raises SignInNeeded (`bad_token`) for a token that is none, or none any more."""
    g.bearer = None
    header = request.headers.get("Authorization")
    if header is None:
        return
    kind, _, token = header.partition(" ")
    token = token.strip()
    if kind.casefold() == "bearer" and len(token) <= LONGEST and token.isascii():
        g.bearer = tokens.find_bearer(token, now=now())
    if g.bearer is None:
        raise SignInNeeded(
            "This token is not known here: it has run out, was revoked, or is mistyped. Make a new one in your settings.",
            code="bad_token",
        )


def check_scope(scope: str | None) -> None:
    """Raises SignInNeeded without a token, and Forbidden (`scope_missing`) where it is not for this. None: anybody may ask."""
    if scope is None:
        return
    found = bearer()
    if scope not in found.scopes:
        raise Forbidden(
            f"This token is not for this: it lacks the scope {scope!r}. Make one that has it.",
            code="scope_missing",
        )
    if scope in ("model", "operate") and not (found.is_modeler or found.is_admin):
        raise Forbidden("This is for the people who run the challenges.", code="not_a_modeler")


def bearer() -> BearerView:
    """Who asks. Raises SignInNeeded for somebody without a token."""
    found: BearerView | None = g.get("bearer")
    if found is None:
        raise SignInNeeded("Show a token: Authorization: Bearer btm_... You make one in your settings.")
    return found


def account_id() -> int:
    return bearer().account_id


def viewer_id() -> int | None:
    """Who asks, or None for somebody without a token."""
    found: BearerView | None = g.get("bearer")
    return found.account_id if found else None
