"""How a route of the API is made: who may ask, how often, what goes in and comes out, once a key; and the same in the document."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar, cast

from flask import Response, g, request
from flask_smorest import Blueprint
from marshmallow import EXCLUDE, Schema, fields
from marshmallow.validate import Length, Range, Regexp
from werkzeug.exceptions import HTTPException

from btm.api import bearer, limits
from btm.api.body import Parser
from btm.api.problems import answer_error
from btm.api.shapes import page_of, schema_of
from btm.rules.errors import DomainError, Invalid
from btm.services import repeat_call

KEY = r"^[A-Za-z0-9_.:-]{1,100}$"
View = Callable[..., Any]
Row = TypeVar("Row")
READ_ERRORS = (401, 403, 404, 422, 429)
WRITE_ERRORS = (400, 401, 403, 404, 409, 413, 415, 422, 429)
MOST_UPLOAD = 60_000_000
"""Bytes of a body that holds pages; the services take a little less, and say so in words."""
KEY_PARAMETER = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": True,
    "description": "One of your own making for each thing that you want done. Sent again with the same key, the same request is "
    "answered as the first time, and done once. Kept for seven days.",
    "schema": {"type": "string", "pattern": KEY},
}
MATCH_PARAMETER = {
    "in": "header",
    "name": "If-None-Match",
    "description": "The ETag of what you have: 304 where it is still the same.",
    "schema": {"type": "string"},
}

REVISION_PARAMETER = {
    "in": "header",
    "name": "If-Match",
    "description": "The revision that you have read: 412 where there is a newer one.",
    "schema": {"type": "string"},
}


@dataclass(frozen=True, slots=True)
class Asked:
    """Which page of a list is asked for."""

    cursor: str | None
    limit: int

    def cut(self, rows: Sequence[Row]) -> tuple[list[Row], str | None]:
        """This page of a list that is there whole, and the next cursor."""
        start = int(self.cursor) if self.cursor else 0
        end = start + self.limit
        return list(rows[start:end]), str(end) if end < len(rows) else None


class PageQuery(Schema):
    """Of every list."""

    class Meta:
        unknown = EXCLUDE

    cursor = fields.String(
        load_default=None,
        validate=[Length(max=18), Regexp(r"^[0-9]*$")],
        metadata={"description": "Where to go on: `next` of the page before"},
    )
    limit = fields.Integer(load_default=20, validate=Range(min=1, max=100))


class Wing(Blueprint):  # type: ignore[misc]
    """A blueprint of the API. Of what a handler returns, `reads` and `writes` make JSON by the shape that is named."""

    ARGUMENTS_PARSER = Parser()

    def __init__(self, name: str, description: str) -> None:
        super().__init__(name, __name__, url_prefix="/api/v1", description=description)
        self._prepare_doc_cbks.append(_prepare_extras)
        self.register_error_handler(Exception, answer_error)

    def reads(
        self, path: str, *, shows: type, scope: str | None, query: type[Schema] | None = None
    ) -> Callable[[View], View]:
        """A route that shows one thing. scope: None where anybody may ask."""
        return self._made("GET", path, scope, query, "query", schema_of(shows), 200)

    def lists(
        self, path: str, *, of: type, scope: str | None, query: type[PageQuery] = PageQuery
    ) -> Callable[[View], View]:
        """A route that shows a page of a list. Its handler takes Asked (and the query's other arguments by name), and returns
        the rows and the next cursor."""

        def decorate(view: View) -> View:
            @wraps(view)
            def paged(arguments: dict[str, Any], **named: Any) -> Any:
                asked = Asked(arguments.pop("cursor") or None, arguments.pop("limit"))
                rows, following = view(asked, **arguments, **named)
                return {"items": rows, "next": following}

            self._made("GET", path, scope, query, "query", page_of(of), 200)(paged)
            return view

        return decorate

    def writes(
        self,
        method: str,
        path: str,
        *,
        scope: str,
        takes: type[Schema] | None = None,
        shows: type | None = None,
        status: int = 200,
        limit: str = "",
        large: bool = False,
        matches: bool = False,
    ) -> Callable[[View], View]:
        """A route that changes something, once for a key. Without `shows` it answers nothing (204). large: takes files' worth of
        data; matches: what changes has revisions, and If-Match counts."""
        schema, code = (schema_of(shows), status) if shows else (None, 204)
        return self._made(method, path, scope, takes, "json", schema, code, limit, large, matches)

    def files(
        self, path: str, *, scope: str, kinds: Sequence[str], query: type[Schema] | None = None
    ) -> Callable[[View], View]:
        """A route that sends a file, of one of these content types. Its handler makes the answer itself."""

        def decorate(view: View) -> View:
            handler = view
            if query is not None:
                handler = self.arguments(query, location="query")(handler)
            for kind in kinds:
                handler = self.response(
                    200, {"contentMediaType": kind}, content_type=kind, description="The file."
                )(handler)
            _refuses(handler, READ_ERRORS)
            self._routed("GET", path, scope, _guarded(handler, scope, "", False), view)
            return view

        return decorate

    def _made(
        self,
        method: str,
        path: str,
        scope: str | None,
        takes: type[Schema] | None,
        location: str,
        shows: type[Schema] | None,
        status: int,
        limit: str = "",
        large: bool = False,
        matches: bool = False,
    ) -> Callable[[View], View]:
        def decorate(view: View) -> View:
            handler = view
            if takes is not None:
                handler = self.arguments(takes, location=location)(handler)
            handler = self.response(status, shows)(handler)
            if shows is None:
                handler = _without_content(handler)
            codes = READ_ERRORS if method == "GET" else WRITE_ERRORS
            _refuses(handler, (*codes, 412) if matches else codes)
            if method == "GET":
                handler = self.alt_response(304, description="It is still the same.")(handler)
                handler = _tagged(handler)
            else:
                handler = _once(handler)
            self._routed(method, path, scope, _guarded(handler, scope, limit, large), view, matches)
            return view

        return decorate

    def _routed(
        self, method: str, path: str, scope: str | None, handler: View, view: View, matches: bool = False
    ) -> None:
        needed = {"token": [scope] if scope else []}
        told: dict[str, Any] = {
            "security": [needed] if scope else [{}, needed],
            "operationId": f"{self.name.removeprefix('api_')}_{view.__name__}",
        }
        if matches:
            told["x-matches"] = True
        self.route(path, methods=[method], endpoint=view.__name__)(self.doc(**told)(handler))


def _refuses(handler: View, codes: Iterable[int]) -> None:
    """Have the document say that a handler, to which a `response` was given just now, may answer with problems of these codes: what
    `alt_response` does for one, without another copy of the whole description and another wrapper for each."""
    responses = cast(Any, handler)._apidoc["response"]["responses"]
    for code in codes:
        responses.setdefault(code, []).append("Problem")


def _guarded(handler: View, scope: str | None, limit: str, large: bool) -> View:
    @wraps(handler)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        g.revision = None
        bearer.identify()
        limits.count("api")
        bearer.check_scope(scope)
        if limit:
            limits.count(limit)
        if large:
            request.max_content_length = MOST_UPLOAD
        return handler(*args, **kwargs)

    return guarded


def _without_content(handler: View) -> View:
    @wraps(handler)
    def quiet(*args: Any, **kwargs: Any) -> Response:
        handler(*args, **kwargs)
        return Response(status=204)

    return quiet


def _tagged(handler: View) -> View:
    """Give the answer an ETag, and spare its body where the asker has it."""

    @wraps(handler)
    def tagged(*args: Any, **kwargs: Any) -> Response:
        response: Response = handler(*args, **kwargs)
        if not response.is_streamed and response.status_code == 200:
            _tag(response)
            response.make_conditional(request)
        response.headers["Cache-Control"] = "private, no-cache"
        response.vary.add("Authorization")
        return response

    return tagged


def _tag(response: Response) -> None:
    """An ETag of all that is answered; where the thing has revisions, it begins with that."""
    response.add_etag()
    revision = g.get("revision")
    if revision is not None:
        response.set_etag(f"{revision}-{response.get_etag()[0]}")


def _once(handler: View) -> View:
    """Carry a write out once for a key, and answer it the same ever after."""

    @wraps(handler)
    def once(*args: Any, **kwargs: Any) -> Response:
        call = repeat_call.begin_call(bearer.account_id(), _key(), _fingerprint(), now=bearer.now())
        if isinstance(call, repeat_call.Answered):
            return Response(call.body, call.status, {**call.headers, "Idempotency-Replayed": "true"})
        try:
            with repeat_call.carrying_out(call):
                response: Response = handler(*args, **kwargs)
        except (DomainError, HTTPException) as error:
            response = answer_error(error)
        except Exception:
            repeat_call.end_call(call, status=500, headers={}, body="")
            raise
        if g.get("revision") is not None and response.status_code < 300:
            _tag(response)
        kept = {
            name: response.headers[name]
            for name in ("Content-Type", "Location", "ETag")
            if name in response.headers
        }
        repeat_call.end_call(
            call, status=response.status_code, headers=kept, body=response.get_data(as_text=True)
        )
        return response

    return once


def _key() -> str:
    key = request.headers.get("Idempotency-Key", "")
    if not key:
        raise MissingKey(
            "Send an Idempotency-Key with everything that changes something: any name of your own making, new for each thing "
            "that you want done."
        )
    if not set(key) <= _KEY_LETTERS or len(key) > 100:
        raise Invalid(
            "An Idempotency-Key is 1 to 100 letters, digits and any of _ . : -",
            code="bad_key",
            field="Idempotency-Key",
        )
    return key


_KEY_LETTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.:-")


class MissingKey(DomainError):
    """A write without its key."""

    status = 400
    code = "key_missing"


def _fingerprint() -> str:
    told = hashlib.sha256()
    for part in (request.method, request.full_path, request.headers.get("If-Match", ""), request.mimetype):
        told.update(part.encode() + b"\0")
    told.update(request.get_data())
    return told.hexdigest()


def _prepare_extras(
    doc: dict[str, Any], doc_info: dict[str, Any], *, method: str, **_: Any
) -> dict[str, Any]:
    """What no schema says: the headers, and that a 304 and a 204 hold nothing."""
    parameters = doc.setdefault("parameters", [])
    told = doc_info.get("manual_doc", {})
    if method != "get":
        parameters.append(KEY_PARAMETER)
    elif 304 in doc.get("responses", {}):
        parameters.append(MATCH_PARAMETER)
    if told.pop("x-matches", False):
        parameters.append(REVISION_PARAMETER)
    return doc
