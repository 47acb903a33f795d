"""Labelled files at the command line."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from flask import current_app

from btm.cli.words import Bar, tell_bad_rows
from btm.services.read_labelled import Labelled, LabelledPage, read_labelled
from btm.services.show_challenge import show_challenge


class LabelledRows:
    """The rows of a file, read when somebody wants them: what is wrong with the rest of the command is said before."""

    def __init__(self, data: BinaryIO, kind: str | None, slug: str) -> None:
        self._asked = (data, kind, slug)
        self.found: Labelled | None = None

    def __iter__(self) -> Iterator[LabelledPage]:
        self.found = self.found or _read(*self._asked)
        return iter(self.found.pages)


def _read(data: BinaryIO, kind: str | None, slug: str) -> Labelled:
    """The usable rows; those left out are listed on standard error."""
    labels = [label.key for label in show_challenge(slug, now=datetime.now(UTC)).labels]
    guessed = "jsonl" if name_of(data).endswith((".jsonl", ".ndjson", ".json")) else "csv"
    reader = current_app.extensions["btm_reader"]()
    try:
        with Bar("Reading") as bar:
            found = read_labelled(data, kind or guessed, labels=labels, reader=reader, progress=bar)
    finally:
        reader.close()
    tell_bad_rows(found)
    return found


def name_of(data: BinaryIO) -> str:
    """A file's name, for the records."""
    name = getattr(data, "name", "")
    return Path(name).name if isinstance(name, str) and name not in ("", "-", "<stdin>") else "standard input"
