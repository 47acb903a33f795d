"""Bodies, read strictly: JSON as RFC 8259 has it, and nothing that could not be kept."""

from __future__ import annotations

import json
from typing import Any

from flask import Request, request
from webargs.core import missing
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

LARGEST_WHOLE = 2**63 - 1


def read_json() -> Any:
    """The body of this request. Raises BadRequest for what is no JSON, and UnsupportedMediaType."""
    if not request.get_data():
        return missing
    if request.mimetype != "application/json" and not request.mimetype.endswith("+json"):
        raise UnsupportedMediaType
    try:
        found = json.loads(
            request.get_data().decode("utf-8"), parse_constant=_refuse, parse_int=_whole, parse_float=_number
        )
        json.dumps(found, ensure_ascii=False).encode("utf-8")  # half a character cannot be kept anywhere
    except (ValueError, RecursionError) as error:
        raise BadRequest from error
    if _holds_nul(found):
        raise BadRequest
    return found


class Parser(FlaskParser):
    """Takes the body as `read_json` reads it, and looks at nothing that is not described."""

    def load_json(self, req: Request, schema: Any) -> Any:
        return read_json()


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is no JSON")


def _whole(digits: str) -> int:
    if len(digits) > 20 or abs(int(digits)) > LARGEST_WHOLE:
        raise ValueError("a whole number beyond 64 bits")
    return int(digits)


def _number(digits: str) -> float:
    value = float(digits)
    if value in (float("inf"), float("-inf")):
        raise ValueError("a number that is too large")
    return value


def _holds_nul(value: Any) -> bool:
    if isinstance(value, str):
        return "\0" in value
    if isinstance(value, dict):
        return any(_holds_nul(key) or _holds_nul(each) for key, each in value.items())
    return isinstance(value, list) and any(map(_holds_nul, value))
