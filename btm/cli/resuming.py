"""What an interrupted export has left: how far it is whole, and after which find to go on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import BinaryIO

CHUNK = 1 << 20
QUOTE, LINE_END = b'"', b"\n"


def keep_whole_rows(path: Path, format: str) -> str | None:
    """Cut off the half row at the end of a JSONL or CSV file, if there is one. Returns the id of the last whole row, or None (and
    an empty file) where there is none. Memory is that of one chunk and the last row."""
    with path.open("r+b") as file:
        start, end = _last_row(file, quotes=format == "csv")
        file.seek(start)
        row = file.read(end - start).decode()
        last = _id_of(row, format, is_first=start == 0)
        file.truncate(end if last is not None else 0)
        return last


def _last_row(file: BinaryIO, *, quotes: bool) -> tuple[int, int]:
    """Where the last whole row begins and ends. A line's end within quotes is part of a cell."""
    start = end = at = 0
    is_quoted = False
    while chunk := file.read(CHUNK):
        for line in _pieces(chunk):
            at += len(line)
            is_quoted ^= quotes and line.count(QUOTE) % 2 == 1
            if line.endswith(LINE_END) and not is_quoted:
                start, end = end, at
    return start, end


def _pieces(chunk: bytes) -> list[bytes]:
    pieces = chunk.split(LINE_END)
    return [*(piece + LINE_END for piece in pieces[:-1]), pieces[-1]]


def _id_of(row: str, format: str, *, is_first: bool) -> str | None:
    if not row:
        return None
    if format == "jsonl":
        return str(json.loads(row)["id"])
    if is_first:  # the columns' names
        return None
    return row.partition(",")[0].strip('"').removeprefix("'")
