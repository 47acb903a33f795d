"""CSV, JSONL and what other tools write as rows of named fields, whatever is wrong with some of them. Shared by the services."""

from __future__ import annotations

import codecs
import csv
import io
import json
from collections.abc import Iterator
from pathlib import PurePath
from typing import Any, BinaryIO

from btm.rules.errors import Invalid
from btm.services.data_set_files import Folder, data_set_rows, open_zip, parquet_rows
from btm.services.file_rows import BAD as BAD
from btm.services.file_rows import CONTENTS
from btm.services.file_rows import BadRow as BadRow
from btm.services.file_rows import Row as Row
from btm.services.label_studio import task_rows

FORMATS = ("csv", "jsonl", "label-studio", "parquet", "hf")
MOST_FIELD = 10_000_000
"""The longest field (CSV) or line (JSONL), in characters: beyond it, a quotation mark was left open or a newline out."""


def rows_of(stream: BinaryIO, format: str, *, labelled: bool = True) -> Iterator[Row]:
    """The rows of a file, without empty ones. labelled: a CSV file must have the column `label`. format: csv, jsonl, label-studio (its
    JSON of tasks), parquet, or hf (a zipped folder of a Hugging Face data set).

    Raises Invalid where the file as a whole cannot be used.
    """
    if format not in FORMATS:
        raise Invalid(f"A labelled file is {', '.join(FORMATS[:-1])} or {FORMATS[-1]}.", field="format")
    found = False
    for row in _read(stream, format, labelled):
        found = True
        yield row
    if not found:
        raise Invalid("The file has no rows. Put one page a row, with its label.", field="data")


def guess_format(name: str, head: bytes) -> str:
    """The format that a file's name, or else its first bytes, tell: csv where nothing else is told."""
    suffix = PurePath(name).suffix.lower().removeprefix(".")
    if head.startswith(b"PAR1"):
        return "parquet"
    if suffix == "zip":
        return "hf"
    start = head.removeprefix(codecs.BOM_UTF8).lstrip()[:1]
    if start == b"[" and suffix in ("", "json"):
        return "label-studio"
    return "jsonl" if suffix in ("jsonl", "ndjson", "json") or start == b"{" else "csv"


def _read(stream: BinaryIO, format: str, labelled: bool) -> Iterator[Row]:
    if format == "label-studio":
        return task_rows(stream, labelled)
    if format == "parquet":
        return parquet_rows(stream, {})
    if format == "hf":
        return folder_rows(open_zip(stream), labelled)
    meter = _Meter(stream)
    encoding, errors = _encoding(meter)
    text = io.TextIOWrapper(io.BufferedReader(meter), encoding, errors, newline="")
    return _csv(text, meter, labelled) if format == "csv" else _jsonl(text, meter)


def folder_rows(folder: Folder, labelled: bool) -> Iterator[Row]:
    """The rows of a data set's folder, its files one after another."""
    return data_set_rows(folder, lambda stream, format: rows_of(stream, format, labelled=labelled))


class _Meter(io.RawIOBase):
    """A stream that knows how much of it was read."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._done = 0
        self._size = 0
        self._head = b""
        if stream.seekable():
            at = stream.tell()
            self._size = stream.seek(0, io.SEEK_END) - at
            stream.seek(at)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._head[: len(buffer)] or self._stream.read(len(buffer))
        self._head = self._head[len(data) :]
        buffer[: len(data)] = data
        self._done += len(data)
        return len(data)

    def peek(self, size: int) -> bytes:
        """The first bytes, which will be read again."""
        self._head = self._stream.read(size)
        return self._head

    @property
    def share(self) -> float:
        return min(1.0, self._done / self._size) if self._size else 0.0


def _encoding(meter: _Meter) -> tuple[str, str]:
    """How the file is read, and what becomes of bytes that are no characters: only of single bytes can a surrogate be made."""
    head = meter.peek(4)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16", "replace"
    if head[:2] in (b"PK", b"\x1f\x8b"):
        raise Invalid("This is a compressed file or a spreadsheet. Save it as CSV or JSONL.", field="data")
    return "utf-8-sig", "surrogateescape"


def _csv(text: io.TextIOWrapper, meter: _Meter, labelled: bool) -> Iterator[Row]:
    csv.field_size_limit(MOST_FIELD)
    names, lines = _header(text, labelled)
    number = 0
    while True:
        try:
            cells = next(lines)
        except StopIteration:
            return
        except csv.Error as error:
            number += 1
            if "limit" in str(error):
                raise _runaway(number) from error
            yield Row(number, meter.share, {BAD: _no_csv(str(error))})
            continue
        if not any(cell.strip() for cell in cells):
            continue
        number += 1
        if len(cells) != len(names):
            yield Row(number, meter.share, {BAD: f"has {len(cells)} fields; the header has {len(names)}"})
        else:
            yield Row(number, meter.share, dict(zip(names, cells, strict=True)))


def _no_csv(error: str) -> str:
    if "unexpected end" in error:
        return "opens a quotation mark that is never closed, so nothing after it was read"
    return f"is no proper CSV ({error})"


def _header(text: io.TextIOWrapper, labelled: bool) -> tuple[list[str], Iterator[list[str]]]:
    """The columns' names, and a reader of what follows. The delimiter is the one that makes a column `label`, or one with content."""
    line = text.readline(MOST_FIELD)
    needed = {"label"} if labelled else set(CONTENTS)
    for delimiter in (",", ";", "\t"):
        names = next(csv.reader([line], delimiter=delimiter), [])
        names = [name.strip().lower() for name in names]
        if needed & set(names):
            _check_columns(names, labelled)
            return names, csv.reader(text, delimiter=delimiter, strict=True)
    names = next(csv.reader([line]), [])
    _check_columns([name.strip().lower() for name in names], labelled)
    raise AssertionError("unreachable")


def _check_columns(names: list[str], labelled: bool) -> None:
    shown = ", ".join(name.encode("utf-8", "replace").decode()[:40] for name in names[:12]) or "nothing"
    also = "the column label, and " if labelled else ""
    wanted = f"It needs a first row with {also}one of url, text or html."
    if (labelled and "label" not in names) or not set(CONTENTS) & set(names):
        raise Invalid(f"The file's first row says: {shown}. {wanted}", field="data")
    if len(set(names)) < len(names):
        raise Invalid(f"The file's first row names a column twice: {shown}.", field="data")


def _jsonl(text: io.TextIOWrapper, meter: _Meter) -> Iterator[Row]:
    number = 0
    while line := text.readline(MOST_FIELD + 1):
        if len(line) > MOST_FIELD:
            raise _runaway(number + 1)
        if not line.strip():
            continue
        number += 1
        if number == 1 and line.lstrip().startswith("["):
            raise Invalid(
                "This is one JSON list, as Label Studio writes it. Name the format label-studio, or write one JSON object a line.",
                field="data",
            )
        yield Row(number, meter.share, _object(line))


def _object(line: str) -> dict[str, Any]:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return {BAD: "is no JSON"}
    if not isinstance(value, dict):
        return {BAD: "is no JSON object"}
    return {str(key).strip().lower(): each for key, each in value.items()}


def _runaway(number: int) -> Invalid:
    return Invalid(
        f"Row {number} is longer than {MOST_FIELD:,} characters. Probably a quotation mark is opened there and never closed.",
        field="data",
    )
