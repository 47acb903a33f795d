"""What was found: for everybody to read, and for modelers to take away."""

from __future__ import annotations

from itertools import chain

from flask import Blueprint, Response, render_template, request, stream_with_context
from flask.typing import ResponseReturnValue

from btm.services import export_corpus, list_finds, show_console
from btm.web import identity

bp = Blueprint("corpus", __name__)

MIME_TYPES = {"jsonl": "application/x-ndjson", "csv": "text/csv"}


@bp.get("/c/<slug>/found")
def found(slug: str) -> ResponseReturnValue:
    page = list_finds.list_finds(slug, cursor=request.args.get("cursor"))
    return render_template("corpus/found.html", page=page)


@bp.get("/c/<slug>/corpus.<any(jsonl, csv):format>")
@identity.modeler_needed
def export(slug: str, format: str) -> ResponseReturnValue:
    rows = iter(export_corpus.export_corpus(slug, format, asker_id=identity.member_id()))
    first = next(rows, b"")  # an unknown challenge must fail before the headers leave
    body = stream_with_context(chain((first,), rows))
    response = Response(body, content_type=f"{MIME_TYPES[format]}; charset=utf-8")
    response.headers.set("Content-Disposition", "attachment", filename=f"{slug}.{format}")
    return response


@bp.get("/console")
@identity.modeler_needed
def console() -> ResponseReturnValue:
    return render_template("corpus/console.html", rows=show_console.show_console(identity.member_id()))
