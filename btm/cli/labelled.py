"""Labelled files at the command line."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, cast

import click
from flask import current_app

from btm.cli.words import Bar, tell_bad_rows
from btm.services.labelled_files import Row, folder_rows, guess_format, rows_of
from btm.services.read_labelled import Labelled, LabelledPage, read_rows
from btm.services.show_authoring import show_authoring

Data = BinaryIO | Path


class DataFile(click.ParamType):  # type: ignore[type-arg]
    """A file, standard input (-), or the folder of a data set."""

    name = "file"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Data:
        if Path(value).is_dir():
            return Path(value)
        return cast(BinaryIO, click.File("rb").convert(value, param, ctx))


class LabelledRows:
    """The rows of a file, read when somebody wants them: what is wrong with the rest of the command is said before."""

    def __init__(self, data: Data, kind: str | None, slug: str, *, noisy: bool = False) -> None:
        self._asked = (data, kind, slug, noisy)
        self.found: Labelled | None = None

    def __iter__(self) -> Iterator[LabelledPage]:
        self.found = self.found or _read(*self._asked)
        return iter(self.found.pages)


def _read(data: Data, kind: str | None, slug: str, noisy: bool) -> Labelled:
    """The usable rows; those left out are listed on standard error. noisy: of a pool, where a page has any number of labels."""
    labels = labels_of(slug)
    reader = current_app.extensions["btm_reader"]()
    try:
        with Bar("Reading") as bar:
            found = read_rows(
                _rows(data, kind, labelled=not noisy), labels=None if noisy else labels, reader=reader,
                progress=bar, noisy=labels if noisy else None,
            )  # fmt: skip
    finally:
        reader.close()
    tell_bad_rows(found)
    return found


def _rows(data: Data, kind: str | None, *, labelled: bool) -> Iterator[Row]:
    if isinstance(data, Path):
        return folder_rows(data, labelled)
    return rows_of(data, kind or format_of(data), labelled=labelled)


def format_of(data: BinaryIO) -> str:
    """The format that a file's name, or its first bytes, tell."""
    head = b""
    if data.seekable():
        head = data.read(64)
        data.seek(0)
    return guess_format(name_of(data), head)


def labels_of(slug: str) -> tuple[str, ...]:
    """The labels of a challenge, also of a draft. Raises NotFound."""
    return show_authoring(slug, asker_id=None, now=datetime.now(UTC)).design.label_keys


def name_of(data: Data) -> str:
    """A file's name, for the records."""
    if isinstance(data, Path):
        return data.resolve().name
    name = getattr(data, "name", "")
    return Path(name).name if isinstance(name, str) and name not in ("", "-", "<stdin>") else "standard input"
