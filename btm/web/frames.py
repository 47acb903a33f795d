"""Pages in another site's frame. A frame may keep no cookies, so what a cookie would hold is kept here, under a token that stands at the
head of the path: `/at/<token>/c/drugs` is `/c/drugs` for one browser at one assignment. Cookies are neither read nor set there, only a
worker's pages are, and only the platform's own sites may frame them. See docs/decisions/0015."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask, Request, Response, abort, current_app, g, request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface

from btm.services import work_sessions
from btm.services.views_platforms import AssignmentView
from btm.web import clock

HEAD = re.compile(r"/at/([\w-]{43})(?=/)")
KEY = "btm.assignment_token"
WINGS = frozenset({"arrivals", "challenges", "play", "review"})
FREE = frozenset({"static", "assets"})
TOKEN_KEY = "t"  # noqa: S105 - the name under which identity looks for who it is


class AtAssignment:
    """WSGI: takes the token off the path, so that every address that a page draws has it in front again."""

    def __init__(self, app: Callable[..., Iterable[bytes]]) -> None:
        self.app = app

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if found := HEAD.match(environ.get("PATH_INFO", "")):
            environ[KEY] = found[1]
            environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + found[0]
            environ["PATH_INFO"] = environ["PATH_INFO"][found.end() :]
        return self.app(environ, start_response)


class KeptSession(SecureCookieSession):
    """What a cookie would hold, kept here. `is_there` tells whether its token is known."""

    is_there = False


class Sessions(SecureCookieSessionInterface):
    """Cookies, but for pages at an assignment."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        token = request.environ.get(KEY)
        if token is None:
            return super().open_session(app, request)
        kept = work_sessions.open_kept(token)
        session = KeptSession({} if kept is None else {**kept, TOKEN_KEY: token})
        session.is_there = kept is not None
        return session

    def should_set_cookie(self, app: Flask, session: Any) -> bool:
        """A part of a page that a script asked for renews no cookie: the next whole page does, and signing takes a while."""
        return session.modified or (
            super().should_set_cookie(app, session) and not request.headers.get("X-Partial")
        )

    def save_session(self, app: Flask, session: Any, response: Response) -> None:
        if not isinstance(session, KeptSession):
            super().save_session(app, session, response)
        elif session.is_there and session.modified:
            kept = {key: value for key, value in session.items() if key != TOKEN_KEY}
            work_sessions.keep(str(request.environ[KEY]), kept)


def register_frames(app: Flask) -> None:
    app.wsgi_app = AtAssignment(app.wsgi_app)  # type: ignore[method-assign]
    app.session_interface = Sessions()
    app.before_request(find_assignment)
    app.context_processor(lambda: {"assignment": current_assignment()})


def find_assignment() -> None:
    """Set `g.assignment`; let nothing but a worker's pages be reached under a token, and nothing under one that is unknown."""
    g.assignment, g.framers, g.takers = None, (), ()
    token = request.environ.get(KEY)
    if token is None or request.endpoint in FREE:
        return
    found = work_sessions.find_assignment(token, now=clock.now())
    if found is None:
        abort(404)
    g.assignment = found
    if found.platform == "mturk":
        let_in(framers())
    if request.blueprint not in WINGS:
        abort(404)


def current_assignment() -> AssignmentView | None:
    """The assignment at which this page is looked at."""
    found: AssignmentView | None = g.get("assignment")
    return found


def framers() -> tuple[str, ...]:
    """Sites of Mechanical Turk on which workers see a task in a frame."""
    workers: tuple[str, ...] = current_app.extensions["btm_settings"].platforms.mturk_workers
    return workers


def let_in(sites: tuple[str, ...]) -> None:
    """Let these sites show this answer in a frame."""
    g.framers = sites


def let_hand_in(sites: tuple[str, ...]) -> None:
    """Let a form of this answer be posted to these sites."""
    g.takers = sites


def policy(strict: str) -> str:
    """The content policy of this answer: the strict one, but for the sites that it lets in."""
    framers, takers = g.get("framers", ()), g.get("takers", ())
    if framers:
        strict = strict.replace("frame-ancestors 'none'", f"frame-ancestors {' '.join(framers)}")
    if takers:
        strict = strict.replace("form-action 'self'", f"form-action 'self' {' '.join(takers)}")
    return strict
