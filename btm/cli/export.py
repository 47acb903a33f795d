"""`flask --app app btm export`: take data out, to standard output, a file or a folder."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup

from btm.cli.resuming import keep_whole_rows
from btm.cli.words import plainly
from btm.rules.errors import Conflict, Invalid
from btm.rules.exports import PARTS, STATES, STATUSES, ExportQuery, query_from
from btm.services.export_corpus import FORMATS, export_corpus
from btm.services.export_dataset import export_dataset, zip_dataset
from btm.services.export_warc import export_warc

RESUMABLE = ("jsonl", "csv")

export = AppGroup("export", help="Take data out.")


@export.command("corpus")
@click.option("--challenge", "slug", required=True, help="The challenge's short name, for example drugs.")
@click.option(
    "--format", "kind", type=click.Choice((*FORMATS, "warc", "dataset")), default="jsonl", show_default=True
)
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    help="A file, or for a data set a folder or a name ending in .zip. Standard output otherwise.",
)
@click.option(
    "--resume",
    is_flag=True,
    help="Go on where the same command was interrupted (JSONL and CSV with --output).",
)
@click.option("--cluster", help="Only this cluster, by its id.")
@click.option("--state", type=click.Choice(STATES), help="Only clusters of this state.")
@click.option(
    "--status",
    type=click.Choice(STATUSES),
    help="Only what the machine that plays now still gets wrong, or not any more.",
)
@click.option("--machine", help="Only what was found against this version of the machine.")
@click.option("--since", help="Only what was verified on this day (UTC) or later, or from this moment on.")
@click.option("--until", help="Only what was verified before this day or moment.")
@click.option("--part", type=click.Choice(PARTS), help="One side of the split by cluster.")
@click.option("--test-share", help="How much of the split is for testing; 0.2 by default.")
@click.option("--after", help="Go on after the find with this id.")
@plainly
def corpus(slug: str, kind: str, output: Path | None, resume: bool, **asked: str | None) -> None:
    """Write the verified errors of a challenge, or a part of them.

    Example: flask --app app btm export corpus --challenge drugs --format jsonl > drugs.jsonl

    Example: flask --app app btm export corpus --challenge drugs --format dataset --output drugs/
    """
    query = query_from({name: value for name, value in asked.items() if value is not None})
    if resume and (output is None or kind not in RESUMABLE):
        raise Invalid("Only JSONL and CSV that go to --output can be resumed.", field="resume")
    if output is None:
        _pour(_stream(slug, kind, query), sys.stdout.buffer.write)
        sys.stdout.buffer.flush()
    elif kind == "dataset" and output.suffix != ".zip":
        _write_folder(slug, query, output)
    else:
        _write_file(slug, kind, query, output, resume)


def _stream(slug: str, kind: str, query: ExportQuery, *, header: bool = True) -> Iterable[bytes]:
    if kind == "warc":
        return export_warc(
            slug,
            query,
            asker_id=None,
            now=datetime.now(UTC),
            snapshots=current_app.extensions["btm_snapshots"],
        )
    if kind == "dataset":
        return zip_dataset(slug, query, asker_id=None, now=datetime.now(UTC))
    return export_corpus(slug, kind, query, asker_id=None, now=datetime.now(UTC), header=header)


def _pour(chunks: Iterable[bytes], write: Callable[[bytes], object]) -> None:
    for chunk in chunks:
        write(chunk)


def _write_file(slug: str, kind: str, query: ExportQuery, output: Path, resume: bool) -> None:
    """Into a file beside the one that is wanted, which takes its name once it is whole."""
    half = output.with_name(output.name + ".part")
    last = keep_whole_rows(half, kind) if resume and half.exists() else None
    if last is not None:
        query = replace(query, after=last)
    chunks = _stream(slug, kind, query, header=last is None)
    with half.open("wb" if last is None else "ab") as file:
        _pour(chunks, file.write)
    half.replace(output)


def _write_folder(slug: str, query: ExportQuery, output: Path) -> None:
    if output.exists() and (not output.is_dir() or any(output.iterdir())):
        raise Conflict(f"{output} is there already, and not an empty folder.")
    for path, chunks in export_dataset(slug, query, asker_id=None, now=datetime.now(UTC)):
        target = output / path
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("wb") as file:
            _pour(chunks, file.write)
