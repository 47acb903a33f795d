"""CSV and JSONL as rows of named fields, whatever is wrong with some of them. Shared by the services."""

from __future__ import annotations

import codecs
import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from btm.rules.errors import Invalid

FORMATS = ("csv", "jsonl")
CONTENTS = ("url", "text", "html")
MOST_FIELD = 10_000_000
"""The longest field (CSV) or line (JSONL), in characters: beyond it, a quotation mark was left open or a newline out."""
BAD = "\0bad"


class BadRow(Exception):
    """A row that is left out. The message goes on from "Row 17 ..."."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number from 1, its fields (or, under BAD, what is wrong with it), and the share of the file read so far."""

    number: int
    share: float
    values: dict[str, Any] = field(default_factory=dict)

    @property
    def bad(self) -> bool:
        return BAD in self.values


def rows_of(stream: BinaryIO, format: str) -> Iterator[Row]:
    """The rows of a file, without empty ones. Raises Invalid where the file as a whole cannot be used."""
    if format not in FORMATS:
        raise Invalid(f"A labelled file is {' or '.join(FORMATS)}.", field="format")
    meter = _Meter(stream)
    text = io.TextIOWrapper(io.BufferedReader(meter), _encoding(meter), errors="surrogateescape", newline="")
    found = False
    for row in _csv(text, meter) if format == "csv" else _jsonl(text, meter):
        found = True
        yield row
    if not found:
        raise Invalid("The file has no rows. Put one page a row, with its label.", field="data")


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


def _encoding(meter: _Meter) -> str:
    head = meter.peek(4)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if head[:2] in (b"PK", b"\x1f\x8b"):
        raise Invalid("This is a compressed file or a spreadsheet. Save it as CSV or JSONL.", field="data")
    return "utf-8-sig"


def _csv(text: io.TextIOWrapper, meter: _Meter) -> Iterator[Row]:
    csv.field_size_limit(MOST_FIELD)
    names, lines = _header(text)
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


def _header(text: io.TextIOWrapper) -> tuple[list[str], Iterator[list[str]]]:
    """The columns' names, and a reader of what follows. The delimiter is the one that makes a column `label`."""
    line = text.readline(MOST_FIELD)
    for delimiter in (",", ";", "\t"):
        names = next(csv.reader([line], delimiter=delimiter), [])
        names = [name.strip().lower() for name in names]
        if "label" in names:
            _check_columns(names)
            return names, csv.reader(text, delimiter=delimiter, strict=True)
    names = next(csv.reader([line]), [])
    _check_columns([name.strip().lower() for name in names])
    raise AssertionError("unreachable")


def _check_columns(names: list[str]) -> None:
    shown = ", ".join(name.encode("utf-8", "replace").decode()[:40] for name in names[:12]) or "nothing"
    wanted = "It needs a first row with the column label, and one of url, text or html."
    if "label" not in names or not set(CONTENTS) & set(names):
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
            raise Invalid("This is one JSON list. Write one JSON object a line instead.", field="data")
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
