"""The API's reference as a page of our own, drawn from the document itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, current_app, render_template
from flask.typing import ResponseReturnValue

from btm.rules.tokens import SCOPES

bp = Blueprint("developers", __name__)
METHODS = ("get", "post", "put", "patch", "delete")
EVERYWHERE = ("Idempotency-Key", "If-None-Match")
"""Headers that are told once, at the top."""


@dataclass(frozen=True, slots=True)
class Part:
    """A parameter, or a member of a body: what it is called, of what kind, whether it must be there, and what it is for."""

    name: str
    kind: str
    is_needed: bool
    words: str


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that can be asked."""

    id: str
    method: str
    path: str
    summary: str
    words: str
    scope: str
    parts: tuple[Part, ...]
    body: tuple[Part, ...]
    status: str
    shows: str


@dataclass(frozen=True, slots=True)
class Group:
    id: str
    words: str
    operations: tuple[Operation, ...]


@bp.get("/developers")
def reference() -> ResponseReturnValue:
    document = current_app.extensions["btm_api"].spec.to_dict()
    shapes = [
        (name, shape.get("description", ""), tuple(_members(shape)))
        for name, shape in sorted(document["components"]["schemas"].items())
    ]
    return render_template("api/reference.html", groups=_groups(document), shapes=shapes, scopes=SCOPES)


def _groups(document: dict[str, Any]) -> list[Group]:
    found: dict[str, list[Operation]] = {}
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                shared = item.get("parameters", [])
                operation = _operation(document, method, path, item[method], shared)
                found.setdefault(item[method]["tags"][0], []).append(operation)
    return [
        Group(tag["name"], tag.get("description", ""), tuple(found.get(tag["name"], ())))
        for tag in document["tags"]
    ]


def _operation(
    document: dict[str, Any], method: str, path: str, told: dict[str, Any], shared: list[dict[str, Any]]
) -> Operation:
    security = told.get("security", [])
    scopes = security[-1].get("token", []) if security else []
    parts = tuple(
        Part(
            each["name"],
            f"{_kind(each.get('schema', {}))} in the {each['in']}",
            each.get("required", False),
            each.get("description", ""),
        )
        for each in (*shared, *told.get("parameters", []))
        if each["name"] not in EVERYWHERE
    )
    body = _schema(told.get("requestBody", {}))
    status = next(code for code in told["responses"] if code.startswith("2"))
    shown = _schema(told["responses"][status])
    return Operation(
        id=f"{method}-{path.strip('/').replace('/', '-').replace('{', '').replace('}', '')}",
        method=method.upper(),
        path=path,
        summary=told.get("summary", ""),
        words=told.get("description", ""),
        scope=scopes[0] if scopes else "",
        parts=parts,
        body=tuple(_members(_resolved(document, body))),
        status=status,
        shows=_kind(shown) if shown else "",
    )


def _schema(part: dict[str, Any]) -> dict[str, Any]:
    """The schema of a request's or an answer's content; empty where there is none."""
    for content in part.get("content", {}).values():
        found: dict[str, Any] = content.get("schema", {})
        return found
    return {}


def _members(shape: dict[str, Any]) -> list[Part]:
    needed = shape.get("required", [])
    return [
        Part(name, _kind(each), name in needed, each.get("description", ""))
        for name, each in shape.get("properties", {}).items()
    ]


def _resolved(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    name = schema.get("$ref", "").rpartition("/")[2]
    found: dict[str, Any] = document["components"]["schemas"].get(name, schema)
    return found


def _kind(schema: dict[str, Any]) -> str:
    """A schema in a word or two."""
    if "$ref" in schema:
        return str(schema["$ref"].rpartition("/")[2])
    choices = schema.get("anyOf") or schema.get("allOf") or schema.get("oneOf")
    if choices:
        return " or ".join(_kind(each) for each in choices)
    if "enum" in schema:
        return " | ".join(str(each) for each in schema["enum"] if each is not None)
    kinds = schema.get("type", "anything")
    words = [kinds] if isinstance(kinds, str) else list(kinds)
    if "array" in words:
        words[words.index("array")] = f"list of {_kind(schema.get('items', {}))}"
    if schema.get("format"):
        words[0] = f"{words[0]} ({schema['format']})"
    return " or ".join(words)
