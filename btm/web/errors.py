"""Every error as a page that a person can use: what happened, whether anything was lost, what to do next."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask, Response, current_app, jsonify, make_response, render_template, request
from flask.globals import request_ctx
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge, TooManyRequests

from btm.rules.errors import DomainError
from btm.web import identity


@dataclass(frozen=True, slots=True)
class Problem:
    """What an error page says. `offers_account` adds the buttons to register and to log in."""

    status: int
    code: str
    headline: str
    sentence: str
    next_step: str = ""
    offers_account: bool = False


HEADLINES = {
    400: "That did not work",
    401: "You need an account for this",
    403: "This is not open to you",
    404: "There is nothing here",
    405: "That did not work",
    409: "This has moved on",
    422: "Something is not quite right",
    429: "A little slower, please",
}

STALE = Problem(
    400,
    "stale_form",
    "This page was open for too long",
    "The form's one-time key had run out, so nothing was sent and nothing was changed.",
    "Go back, reload the page and send it again.",
)
GONE = Problem(
    404,
    "not_found",
    "There is nothing here",
    "The address may be mistyped, or the page may belong to somebody else.",
    "The challenges are a good place to start again.",
)
WRONG_METHOD = Problem(
    405,
    "wrong_method",
    "That did not work",
    "This address takes a form, and you came without one. Nothing was lost.",
    "Go back to the challenges and try again from there.",
)
TOO_LARGE = Problem(
    413,
    "too_large",
    "That was too much at once",
    "What you sent is larger than we take, so none of it was kept.",
    "Send less of it.",
)
TOO_MANY = Problem(
    429,
    "too_many",
    "A little slower, please",
    "You asked more often than we can answer. What you did before this is safe.",
    "Wait a minute and try again.",
)
BROKEN = Problem(
    500,
    "broken",
    "Something broke on our side",
    "It is not your doing, and it is on record. What you sent before this is safe; your last step may not have been taken.",
    "Try again in a minute.",
)

UNKNOWN_NAME = "This site does not answer to that name.\n"


def register_error_pages(app: Flask) -> None:
    """Map domain errors, and the errors of HTTP itself, to pages (or to a partial or JSON, where asked)."""
    app.register_error_handler(DomainError, answer_domain_error)
    app.register_error_handler(CSRFError, lambda error: answer(STALE))
    app.register_error_handler(404, lambda error: answer(GONE))
    app.register_error_handler(405, answer_wrong_method)
    app.register_error_handler(RequestEntityTooLarge, lambda error: answer(TOO_LARGE))
    app.register_error_handler(TooManyRequests, answer_too_many)
    app.register_error_handler(HTTPException, answer_http_error)
    app.register_error_handler(500, lambda error: answer(BROKEN))


def answer_domain_error(error: DomainError) -> ResponseReturnValue:
    headline = HEADLINES.get(error.status, HEADLINES[400])
    return answer(
        Problem(error.status, error.code, headline, error.sentence, offers_account=error.status == 401)
    )


def answer_wrong_method(error: HTTPException) -> ResponseReturnValue:
    response = answer(WRONG_METHOD)
    for name, value in error.get_headers():
        if name == "Allow":
            response.headers[name] = value
    return response


def answer_too_many(error: TooManyRequests) -> ResponseReturnValue:
    response = answer(TOO_MANY)
    response.headers["Retry-After"] = "60"
    return response


def answer_http_error(error: HTTPException) -> ResponseReturnValue:
    """Any other error of HTTP; its own answers (redirects) pass through untouched."""
    if error.code is None or error.code < 400:
        return error
    headline = HEADLINES.get(error.code, HEADLINES[400])
    return answer(
        Problem(
            error.code,
            error.name.lower().replace(" ", "_"),
            headline,
            "We could not read what was sent. Nothing was changed.",
        )
    )


def answer(problem: Problem) -> Response:
    """The problem as a partial for our scripts, as JSON for programs, or as a page."""
    if request_ctx.url_adapter is None:  # asked for under a name that is not ours: no link could be drawn
        return Response(UNKNOWN_NAME, 400, mimetype="text/plain")
    if identity.is_for_programs() and "btm_problem" in current_app.extensions:
        made: Response = current_app.extensions["btm_problem"](problem.status, problem.code, problem.sentence)
        return made
    best = request.accept_mimetypes.best_match(("text/html", "application/json"), default="text/html")
    if best == "application/json":
        return make_response(
            jsonify(error={"code": problem.code, "sentence": problem.sentence}), problem.status
        )
    template = "partials/problem.html" if identity.wants_partial() else "errors/problem.html"
    return make_response(render_template(template, problem=problem, back=way_back()), problem.status)


def way_back() -> str:
    """Where to go on to after registering or logging in: the page that was asked for, or the one that asked."""
    if request.method == "GET":
        return request.full_path.rstrip("?")
    public_id = (request.view_args or {}).get("public_id")
    return f"/s/{public_id}" if public_id else "/"
