"""What goes over the wire, read off the views themselves: a frozen dataclass is the schema of what is answered, so that the
OpenAPI document cannot say anything else than what is sent."""

from __future__ import annotations

import dataclasses
import math
import types
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date, datetime
from functools import cache
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from marshmallow import EXCLUDE, Schema, fields
from marshmallow.validate import OneOf

_PLAIN: dict[Any, type[fields.Field[Any]]] = {str: fields.String, int: fields.Integer, bool: fields.Boolean}
_MANY = (tuple, list, Sequence, AbstractSet, set, frozenset)
_named: dict[str, type] = {}


class Number(fields.Float):
    """A figure; one that cannot be told (not finite) goes out as null."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        return None if value is None or not math.isfinite(value) else float(value)


class Moment(fields.DateTime):
    """A moment, in UTC, as RFC 3339 writes it."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        return None if value is None else value.isoformat().replace("+00:00", "Z")


class Shape(Schema):
    """What is answered. Programs must expect members that they do not know yet."""

    class Meta:
        unknown = EXCLUDE


@cache
def schema_of(view: type) -> type[Schema]:
    """The schema of a dataclass of values. Raises TypeError for a field of a kind that has no place in JSON."""
    name = view.__name__.removesuffix("View")
    if _named.setdefault(name, view) is not view:
        name = view.__module__.rpartition(".")[2].removeprefix("views_").title().replace("_", "") + name
        if _named.setdefault(name, view) is not view:
            raise TypeError(f"two shapes are called {name}")
    hints = get_type_hints(view)
    members: dict[str, Any] = {field.name: _field(hints[field.name]) for field in dataclasses.fields(view)}
    members["__doc__"] = view.__doc__
    return type(f"{name}Schema", (Shape,), members)


@cache
def page_of(view: type) -> type[Schema]:
    """The schema of a page of a list: its items, and the cursor of the next page (null on the last)."""
    item = schema_of(view)
    name = item.__name__.removesuffix("Schema")
    members: dict[str, Any] = {
        "items": fields.List(fields.Nested(item), required=True),
        "next": fields.String(
            required=True, allow_none=True, metadata={"description": "The `cursor` of the next page"}
        ),
    }
    return type(f"{name}PageSchema", (Shape,), members)


def _field(hint: Any) -> fields.Field[Any]:
    origin, parts = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        kinds = [part for part in parts if part is not type(None)]
        made = _field(kinds[0]) if len(kinds) == 1 else fields.Raw(required=True)
        made.allow_none = type(None) in parts
        return made
    if origin is Literal:
        return fields.String(required=True, validate=OneOf(parts))
    if origin in _MANY:
        several = origin is tuple and not (len(parts) == 2 and parts[1] is Ellipsis)
        inner: fields.Field[Any] = (
            fields.Raw(allow_none=True) if several and len(set(parts)) > 1 else _field(parts[0])
        )
        return fields.List(inner, required=True)
    if origin in (dict, Mapping):
        return fields.Dict(keys=fields.String(), values=_field(parts[1]), required=True)
    return _single(hint)


def _single(hint: Any) -> fields.Field[Any]:
    if hint is float:
        return Number(required=True, allow_none=True)
    if hint is datetime:
        return Moment(required=True)
    if hint is date:
        return fields.Date(required=True)
    if hint in _PLAIN:
        return _PLAIN[hint](required=True)
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return fields.Nested(schema_of(hint), required=True)
    if hint is Any or hint is object:
        return fields.Raw(required=True, allow_none=True)
    if hint is dict:
        return fields.Dict(required=True)
    raise TypeError(f"{hint!r} has no shape in JSON")
