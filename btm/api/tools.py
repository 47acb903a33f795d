"""What several wings need: ids, the shelf of machines, rows of texts, files on their way out."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable
from itertools import chain
from typing import Any

from flask import Response, current_app, request, stream_with_context
from marshmallow import INCLUDE, Schema, fields
from marshmallow.validate import Length, OneOf

from btm.pages.snapshot import SnapshotStore
from btm.rules.errors import Invalid
from btm.services.machines import MachineShelf

MIME_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "jsonl": "application/x-ndjson; charset=utf-8",
    "json": "application/json",
    "parquet": "application/vnd.apache.parquet",
    "txt": "text/plain; charset=utf-8",
    "label-studio": "application/json",
    "crowd-kit": "text/csv; charset=utf-8",
}
ENDINGS = {"label-studio": "label-studio.json", "crowd-kit": "crowd-kit.csv"}
"""How a file's name ends where that is not its format."""


class RowSchema(Schema):
    """One page: `url`, `text` or `html`, its `label` where that is known, and whatever else a labelled file may say."""

    class Meta:
        unknown = INCLUDE

    text = fields.String(metadata={"description": "What the page says"})
    url = fields.String(metadata={"description": "Where it is"})
    html = fields.String(metadata={"description": "Its source, in place of text"})
    label = fields.String(metadata={"description": "What it is"})


class RowsSchema(Schema):
    """Pages, as a list, or as the text of a file: CSV, JSONL, or Label Studio's JSON."""

    rows = fields.List(fields.Nested(RowSchema), load_default=None, allow_none=True)
    data = fields.String(
        load_default=None, allow_none=True, metadata={"description": "A file's text, in place of rows"}
    )
    format = fields.String(load_default="csv", validate=OneOf(("csv", "jsonl", "label-studio")))
    data_name = fields.String(
        load_default="by API", validate=Length(max=200), metadata={"description": "What to call it"}
    )


def file_of(body: dict[str, Any], rows: str = "rows", data: str = "data") -> tuple[bytes, str] | None:
    """The pages of a body as a file's bytes and their format; None where there are none. Raises Invalid for both at once."""
    listed, text = body.get(rows), body.get(data)
    if listed is not None and text is not None:
        raise Invalid(f"Send {rows} or {data}, and not both.", field=data)
    if listed is not None:
        lines = (json.dumps(row, ensure_ascii=False) for row in listed)
        return "\n".join(lines).encode(), "jsonl"
    return (text.encode(), body["format"]) if text is not None else None


def needed_file(body: dict[str, Any]) -> tuple[bytes, str]:
    """The same, where there must be some. Raises Invalid."""
    found = file_of(body)
    if found is None:
        raise Invalid("Send the pages: a list as rows, or a file's text as data.", field="rows")
    return found


def attachment(chunks: Iterable[bytes], name: str, content_type: str) -> Response:
    """A stream of bytes as a file to keep."""
    rest = iter(chunks)
    first = next(rest, b"")  # what cannot be had must fail before the headers leave
    response = Response(stream_with_context(chain((first,), rest)), content_type=content_type)
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


def snapshots() -> SnapshotStore:
    """Where files are kept until the work is done."""
    store: SnapshotStore = current_app.extensions["btm_snapshots"]
    return store


def shelf() -> MachineShelf:
    """Where machines are loaded from."""
    found: MachineShelf = current_app.extensions["btm_machines"]
    return found


def four_eyes() -> bool:
    """Whether another person has to approve a batch of payments than the one who froze it."""
    return bool(current_app.extensions["btm_settings"].payout_four_eyes)


def new_id() -> str:
    """A public id: short and random."""
    return secrets.token_hex(8)


def public_url() -> str:
    """Where people reach this instance."""
    told: str = current_app.extensions["btm_settings"].public_url
    return told or request.host_url.rstrip("/")
