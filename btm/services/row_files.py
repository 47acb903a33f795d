"""Rows as the bytes of a file: CSV, one JSON list, JSON lines. Shared by the services."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def csv_file(
    columns: Sequence[str], rows: Iterable[dict[str, Any]], *, header: bool = True
) -> Iterator[bytes]:
    """A CSV file, a row at a time; what there is not (None) is left empty. header: whether it begins with the columns' names."""
    if header:
        yield _csv_line(columns)
    for row in rows:
        yield _csv_line(["" if row[column] is None else cell(row[column]) for column in columns])


def json_file(rows: Iterable[dict[str, Any]]) -> Iterator[bytes]:
    """One JSON list, an object a line within it."""
    before = b"[\n"
    for row in rows:
        yield before + json.dumps(row, ensure_ascii=False).encode("utf-8", "replace")
        before = b",\n"
    yield b"[]\n" if before == b"[\n" else b"\n]\n"


def json_lines(rows: Iterable[dict[str, Any]]) -> Iterator[bytes]:
    """An object a line."""
    for row in rows:
        yield (json.dumps(row, ensure_ascii=False) + "\n").encode("utf-8", "replace")


def _csv_line(cells: Sequence[str | int | float]) -> bytes:
    line = io.StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue().encode("utf-8", "replace")


def cell(value: Any) -> str | int | float:
    """A value for a spreadsheet: structures as JSON, and no text that a spreadsheet would run as a formula (OWASP)."""
    if isinstance(value, (int, float)):
        return value
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return "'" + text if text.startswith(FORMULA) else text
