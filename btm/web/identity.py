"""Who is asking: a token in Flask's signed session names a row of the sessions table; `g.account` is who that is."""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Callable
from functools import wraps
from ipaddress import ip_address, ip_network
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import Flask, current_app, g, redirect, request, session, url_for

from btm.rules.errors import Forbidden, SignInNeeded
from btm.services import open_visitor, sessions
from btm.services.views_people import AccountView
from btm.web import clock

TOKEN_KEY = "t"  # noqa: S105 - the name under which the cookie holds it
ANONYMOUS_ENDPOINTS = frozenset(
    {"static", "assets", "challenges.healthz", "challenges.robots", "health.readyz", "health.prometheus"}
)

BROWSERS = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)

Handler = TypeVar("Handler", bound=Callable[..., Any])


def register_identity(app: Flask) -> None:
    """Look the account up before each request, and hand it to every template as `account`."""
    app.before_request(load_account)
    app.context_processor(lambda: {"account": current_account(), "member": current_member()})


def load_account() -> None:
    """Set `g.account` from the session cookie. A token that no longer names a session is forgotten."""
    g.account = None
    if request.endpoint in ANONYMOUS_ENDPOINTS or is_for_programs():
        return
    token = session.get(TOKEN_KEY)
    if token:
        # a part of a page has no header, and so no balance
        g.account = sessions.find_account(token, now=clock.now(), with_balance=not wants_partial())
        if g.account is None:
            session.pop(TOKEN_KEY, None)


def is_for_programs() -> bool:
    """Whether the JSON API is asked: it knows tokens, and no cookie."""
    return request.path.startswith("/api/")


def current_account() -> AccountView | None:
    """The account behind this request, a visitor's included."""
    account: AccountView | None = g.get("account")
    return account


def current_member() -> AccountView | None:
    """The account behind this request, if it has a name: not a visitor."""
    account = current_account()
    return None if account is None or account.is_visitor else account


def member_id() -> int:
    """The id of the registered person who asks. Raises SignInNeeded for anybody else."""
    member = current_member()
    if member is None:
        raise SignInNeeded("You need an account for this. It takes a name and a password.")
    return member.id


def viewer_id() -> int | None:
    """The id of whoever asks, visitor or not, or None for somebody never seen."""
    account = current_account()
    return account.id if account else None


def visitor_id() -> int | None:
    """The id of the visitor who asks, whose submissions follow them when they register or log in."""
    account = current_account()
    return account.id if account and account.is_visitor else None


def player_id() -> int:
    """The id of whoever probes. Somebody never seen becomes a visitor, so that the submission is theirs later."""
    account = current_account()
    if account is None:
        token = open_visitor.open_visitor(now=clock.now(), new_token=new_token(), device=device_name())
        session[TOKEN_KEY] = token  # beside the form's key, so that the page at hand can be used again
        session.permanent = True
        account = g.account = sessions.find_account(token, now=clock.now())
    if account is None:
        raise SignInNeeded("We could not keep your place. Please try again.")
    return account.id


def keep_token(token: str) -> None:
    """Start a fresh browser session around `token`; whatever the old one held is gone."""
    session.clear()
    session[TOKEN_KEY] = token
    session.permanent = True


def current_token() -> str:
    return str(session.get(TOKEN_KEY, ""))


def new_token() -> str:
    return secrets.token_urlsafe(32)


def new_id() -> str:
    """A public id: short, random, good in a URL."""
    return secrets.token_hex(8)


def sign_in_needed(handler: Handler) -> Handler:
    """Send strangers to the log-in page and back (a form's post gets the error page, which offers the same)."""

    @wraps(handler)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        if current_member() is None and request.method == "GET" and not wants_partial():
            return redirect(url_for("people.log_in", next=request.full_path.rstrip("?")))
        member_id()
        return handler(*args, **kwargs)

    return guarded  # type: ignore[return-value]


def modeler_needed(handler: Handler) -> Handler:
    """For modelers and admins only."""

    @wraps(handler)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        member = current_member()
        if member is not None and not (member.is_modeler or member.is_admin):
            raise Forbidden("This page is for the people who run the challenges.", code="not_a_modeler")
        return handler(*args, **kwargs)

    return sign_in_needed(guarded)  # type: ignore[return-value]


def wants_partial() -> bool:
    """Whether a script of ours asked for a piece of a page rather than a page."""
    return request.headers.get("X-Partial") == "1"


def safe_next(target: str | None) -> str:
    """A path of this site to go on to, or the home page: never another site."""
    if not target or not target.startswith("/") or re.search(r"[\\\x00-\x20]", target):
        return url_for("challenges.home")
    parts = urlsplit(target)
    return url_for("challenges.home") if parts.scheme or parts.netloc or target.startswith("//") else target


def fingerprint() -> str:
    """A keyed hash of the network and the browser of this request: it tells two accounts of one person, and nothing else. Empty for an
    address that is not of the public internet: behind a proxy or a company's wall everybody may have it."""
    address = ip_address(request.remote_addr or "0.0.0.0")  # noqa: S104  # nosec B104
    if not address.is_global:
        return ""
    network = ip_network(f"{address}/{24 if address.version == 4 else 48}", strict=False)
    words = f"{network}|{request.user_agent.string}".encode()
    return hmac.new(str(current_app.secret_key).encode(), words, "sha256").hexdigest()


def device_name() -> str:
    """A few words for the list of sessions, such as "Firefox on Linux"."""
    agent = request.user_agent.string
    browser = next((name for mark, name in BROWSERS if mark in agent), "A browser")
    system = next((name for mark, name in SYSTEMS if mark in agent), "")
    return f"{browser} on {system}" if system else browser
