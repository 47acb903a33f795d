"""Every error as RFC 9457 has it (`application/problem+json`). The only place of the API that turns errors into answers."""

from __future__ import annotations

import json
import logging
from http import HTTPStatus
from typing import Any

from flask import Response
from marshmallow import Schema, fields
from werkzeug.exceptions import HTTPException

from btm.rules.errors import DomainError

MIME_TYPE = "application/problem+json"
SENTENCES = {
    400: "We could not read what was sent. Nothing was changed.",
    401: "Show a token: Authorization: Bearer btm_... You make one in your settings.",
    404: "There is nothing at this address.",
    405: "This address does not take that method.",
    413: "That is larger than we take. Send less of it.",
    415: "Send JSON, and say so: Content-Type: application/json.",
    422: "Something in what was sent is not as it must be.",
    429: "You asked more often than we can answer. Wait a little.",
    500: "Something broke on our side, and it is on record. Try again in a minute.",
}
log = logging.getLogger(__name__)


class ProblemSchema(Schema):
    """An error. `code` is for programs and stays; `detail` is for people and says what to do."""

    type = fields.String(required=True, metadata={"description": "urn:btm:problem: and the code"})
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True)
    code = fields.String(required=True)
    field = fields.String(metadata={"description": "The part of the request that is to blame"})
    errors = fields.Dict(
        keys=fields.String(),
        values=fields.Raw(),
        metadata={"description": "What is wrong with each part of the request"},
    )


def problem(status: int, code: str, detail: str, **more: Any) -> Response:
    """One error as an answer."""
    told = {
        "type": f"urn:btm:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
        **{key: value for key, value in more.items() if value},
    }
    response = Response(json.dumps(told), status, mimetype=MIME_TYPE)
    if status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="api"'
    if status == 429:
        response.headers["Retry-After"] = "60"
    return response


def answer_error(error: Exception) -> Response:
    """The answer to whatever went wrong."""
    if isinstance(error, DomainError):
        return problem(error.status, error.code, error.sentence, field=error.field)
    if isinstance(error, HTTPException) and error.code is not None and error.code >= 400:
        return _answer_http_error(error, error.code)
    log.error("a request to the API failed", exc_info=error)
    return problem(500, "broken", SENTENCES[500])


def _answer_http_error(error: HTTPException, status: int) -> Response:
    data = getattr(error, "data", None) or {}
    sentence = SENTENCES.get(status, SENTENCES[400])
    messages = data.get("messages")
    response = problem(
        status, _code(status), sentence, errors=messages if isinstance(messages, dict) else None
    )
    for name, value in error.get_headers():
        if name in ("Allow", "Retry-After"):
            response.headers[name] = value
    return response


def _code(status: int) -> str:
    return {401: "sign_in_needed", 404: "not_found", 413: "too_large", 422: "invalid", 429: "too_many"}.get(
        status, HTTPStatus(status).phrase.lower().replace(" ", "_")
    )
