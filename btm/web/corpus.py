"""What was found: for everybody to read, and for modelers to take away."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain

from flask import Blueprint, Response, render_template, request, stream_with_context
from flask.typing import ResponseReturnValue

from btm.rules.exports import query_from
from btm.services import export_corpus, export_dataset, export_warc, list_finds, show_console
from btm.web import clock, identity, uploads

bp = Blueprint("corpus", __name__)

MIME_TYPES = {
    "jsonl": "application/x-ndjson; charset=utf-8",
    "csv": "text/csv; charset=utf-8",
    "parquet": "application/vnd.apache.parquet",
    "label-studio": "application/json",
    "label-studio-config": "application/xml",
    "crowd-kit": "text/csv; charset=utf-8",
    "hf": "application/zip",
}
ENDINGS = {
    "label-studio": "label-studio.json",
    "label-studio-config": "label-studio.xml",
    "crowd-kit": "crowd-kit.csv",
    "hf": "zip",
}
"""How a file's name goes on after the challenge's and a dot, where that is not the format."""


@bp.get("/c/<slug>/found")
def found(slug: str) -> ResponseReturnValue:
    page = list_finds.list_finds(slug, now=clock.now(), cursor=request.args.get("cursor"))
    return render_template("corpus/found.html", page=page)


@bp.get('/c/<slug>/corpus.<any(jsonl, csv, parquet, "label-studio", "crowd-kit"):format>')
@identity.modeler_needed
def export(slug: str, format: str) -> ResponseReturnValue:
    rows = export_corpus.export_corpus(
        slug, format, query_from(request.args), asker_id=identity.member_id(), now=clock.now()
    )
    return attachment(rows, f"{slug}.{ENDINGS.get(format, format)}", MIME_TYPES[format])


@bp.get("/c/<slug>/corpus.zip")
@identity.modeler_needed
def export_data_set(slug: str) -> ResponseReturnValue:
    archive = export_dataset.zip_dataset(
        slug, query_from(request.args), asker_id=identity.member_id(), now=clock.now()
    )
    return attachment(archive, f"{slug}-dataset.zip", "application/zip")


@bp.get("/c/<slug>/corpus.warc.gz")
@identity.modeler_needed
def export_archive(slug: str) -> ResponseReturnValue:
    records = export_warc.export_warc(
        slug,
        query_from(request.args),
        asker_id=identity.member_id(),
        now=clock.now(),
        snapshots=uploads.snapshots(),
    )
    return attachment(records, f"{slug}.warc.gz", "application/warc")


def attachment(chunks: Iterable[bytes], name: str, content_type: str) -> Response:
    """A stream of bytes as a file to keep."""
    rest = iter(chunks)
    first = next(rest, b"")  # an unknown challenge must fail before the headers leave
    response = Response(stream_with_context(chain((first,), rest)), content_type=content_type)
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


@bp.get("/console")
@identity.modeler_needed
def console() -> ResponseReturnValue:
    return render_template(
        "corpus/console.html", rows=show_console.show_console(identity.member_id(), now=clock.now())
    )
