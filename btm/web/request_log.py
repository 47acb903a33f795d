"""Every request has an id, which goes back in X-Request-Id and stands on every line that is logged for it."""

from __future__ import annotations

import logging
import re
import secrets
import time

from flask import Flask, Response, g, request

from btm import logs

HEADER = "X-Request-Id"
_GIVEN = re.compile(r"[A-Za-z0-9._-]{8,64}")
_SUBMISSION = re.compile(r"/s/([0-9a-zA-Z_-]{1,32})(?:[/?#]|$)")
log = logging.getLogger(__name__)


def register_request_log(app: Flask) -> None:
    """Name each request before anything else sees it, and log it at INFO once it is answered."""
    app.before_request(_name)
    app.after_request(_tell)
    app.teardown_request(lambda _error: logs.unname())


def _name() -> None:
    given = request.headers.get(HEADER, "")
    g.request_id = given if _GIVEN.fullmatch(given) else secrets.token_hex(8)
    g.asked_at = time.perf_counter()
    logs.unname()
    logs.name(request=g.request_id)
    found = _SUBMISSION.match(request.path)
    if found:
        logs.name(submission=found[1])


def _tell(response: Response) -> Response:
    if "request_id" not in g:
        return response
    response.headers[HEADER] = g.request_id
    made = _SUBMISSION.search(response.headers.get("Location", ""))
    if made:
        logs.name(submission=made[1])
    if log.isEnabledFor(logging.INFO) and request.endpoint not in ("static", "assets"):
        took = {"ms": round(1000 * (time.perf_counter() - g.asked_at)), "status": response.status_code}
        log.info(
            "%s %s", request.method, request.path, extra={"btm": took}
        )  # never the query: it may hold what is secret
    return response
