"""JSONL, CSV and Parquet files with a column `url` and a column `html` or `text`."""

from __future__ import annotations

import csv
import gzip
import json
import zlib
from collections.abc import Iterator, Mapping
from typing import IO, Any

from classifiers.scan.members import TooLong
from classifiers.scan.records import Bad, Item, Record, SourceRefused

_BLOCK = 65_536
_ROWS = 64
_CUT_OFF = (EOFError,)
_DAMAGED = (zlib.error, gzip.BadGzipFile)


def read_jsonl(file: IO[bytes], start: int, end: int | None, most: int) -> Iterator[Item]:
    """Lines that begin in [start, end), each an object with strings at `url` and `html` or `text`."""
    if start:
        file.seek(start - 1)  # a line that begins at `start` is ours, one that `start` falls into is not
        _skip_line(file)
    for offset, line in _lines(file, start and file.tell(), most):
        if end is not None and offset >= end:
            return
        if isinstance(line, str):
            yield Bad(line, offset)
        elif line.strip():
            yield _from_json(line, offset)


def _from_json(line: bytes, offset: int) -> Item:
    try:
        row = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return Bad("encoding", offset)
    except (ValueError, RecursionError):
        return Bad("damaged", offset)
    return _from_row(row, offset) if isinstance(row, dict) else Bad("columns", offset)


def read_csv(file: IO[bytes], start: int, end: int | None, most: int) -> Iterator[Item]:
    """Rows that begin in [start, end), under a header line. A field may hold line breaks; a row is bounded all the same."""
    csv.field_size_limit(max(csv.field_size_limit(), most))
    feed = _CsvLines(file, 0, most)
    try:
        header = next(csv.reader(feed), None)
    except (csv.Error, _Stop, TooLong):
        header = None
    names = [name.strip().lower().removeprefix("\ufeff") for name in header or ()]
    if "url" not in names or not {"text", "html"} & set(names):
        yield Bad(feed.broken or "columns", 0)
        return
    if start:
        file.seek(start)
        feed = _CsvLines(file, start, most)
    for offset, row in _rows(feed):
        if end is not None and offset >= end:
            return
        if isinstance(row, str):
            yield Bad(row, offset)
        elif len(row) != len(names):
            yield Bad("columns", offset)
        else:
            yield _from_row(dict(zip(names, row, strict=True)), offset)


def _rows(feed: _CsvLines) -> Iterator[tuple[int, list[str] | str]]:
    """Rows, or why one is bad, each with its offset."""
    reader = csv.reader(feed)
    while True:
        feed.begin_row()
        try:
            row = next(reader)
        except StopIteration:
            return
        except TooLong:
            yield feed.row_offset, "oversized"
        except csv.Error:
            yield feed.row_offset, "damaged"
        except _Stop:
            yield feed.row_offset, feed.broken
            return
        else:
            if row:
                yield feed.row_offset, row


class _Stop(Exception):
    """The compression gave out."""


class _CsvLines:
    """Lines for csv.reader, which does not say where its rows begin, nor ends a field that is never closed."""

    def __init__(self, file: IO[bytes], start: int, most: int) -> None:
        self._lines = _lines(file, start, most)
        self._most = most
        self._begun = False
        self._size = 0
        self.row_offset = start
        self.broken = ""

    def begin_row(self) -> None:
        self._begun, self._size = False, 0

    def __iter__(self) -> _CsvLines:
        return self

    def __next__(self) -> str:
        offset, line = next(self._lines)
        if not self._begun:
            self._begun, self.row_offset = True, offset
        if line == "oversized":
            raise TooLong
        if isinstance(line, str):
            self.broken = line
            raise _Stop
        self._size += len(line)
        if self._size > self._most:
            raise TooLong
        return line.decode("utf-8", "surrogateescape")


def _lines(file: IO[bytes], offset: int, most: int) -> Iterator[tuple[int, bytes | str]]:
    """Lines with their offsets; in place of one that is too long, or where the file gives out, the reason."""
    while True:
        try:
            line = file.readline(most + 1)
            size = len(line)
            if size > most and not line.endswith(b"\n"):
                size += _skip_line(file)
        except _CUT_OFF:
            yield offset, "truncated"
            return
        except _DAMAGED:
            yield offset, "damaged"
            return
        if not line:
            return
        yield offset, "oversized" if size > most + 1 else line
        offset += size


def _skip_line(file: IO[bytes]) -> int:
    size = 0
    while line := file.readline(_BLOCK):
        size += len(line)
        if line.endswith(b"\n"):
            break
    return size


def _from_row(row: Mapping[str, Any], offset: int) -> Item:
    url = row.get("url")
    html = row.get("html")
    body = html or row.get("text")
    if not isinstance(url, str) or not url.strip() or not isinstance(body, (str, bytes, type(None))):
        return Bad("columns", offset)
    if body is None:
        return Bad("empty" if "text" in row or "html" in row else "columns", offset)
    if isinstance(body, bytes) and not html:
        return Bad("columns", offset)
    if isinstance(body, str) and not (_is_unicode(body) and _is_unicode(url)):
        return Bad("encoding", offset)
    return Record(url.strip(), body, offset, bool(html)) if body.strip() else Bad("empty", offset)


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def arrow() -> Any:
    """pyarrow.parquet. Raises SourceRefused where the package is missing."""
    try:
        import pyarrow.parquet
    except ImportError as error:
        raise SourceRefused(
            "Parquet files are read by the package pyarrow; install it to scan them."
        ) from error
    return pyarrow.parquet


def row_groups(file: IO[bytes]) -> list[int]:
    """The number of rows of each row group. Raises SourceRefused where pyarrow is missing, ValueError for a damaged file."""
    parquet = arrow()
    try:
        metadata = parquet.ParquetFile(file).metadata
    except (ValueError, OSError) as error:
        raise ValueError("not a Parquet file") from error
    return [metadata.row_group(index).num_rows for index in range(metadata.num_row_groups)]


def read_parquet(file: IO[bytes], start: int, end: int | None, most: int) -> Iterator[Item]:
    """Rows from number `start` on, up to `end`, a few at a time. Row groups that lie before are not read."""
    try:
        reader = arrow().ParquetFile(file)
        names = [name for name in ("url", "html", "text") if name in reader.schema_arrow.names]
        if "url" not in names or len(names) < 2:
            yield Bad("columns", 0)
            return
        groups, row = _from_group(reader.metadata, start)
        for batch in reader.iter_batches(batch_size=_ROWS, row_groups=groups, columns=names):
            for each in batch.to_pylist():
                if end is not None and row >= end:
                    return
                if row >= start:
                    yield _sized(_from_row(each, row), most)
                row += 1
    except (ValueError, OSError):
        yield Bad("damaged", start)


def _from_group(metadata: Any, start: int) -> tuple[list[int], int]:
    """The row groups from the one that holds row `start` on, and the number of their first row."""
    first, row = 0, 0
    while first < metadata.num_row_groups and row + metadata.row_group(first).num_rows <= start:
        row += metadata.row_group(first).num_rows
        first += 1
    return list(range(first, metadata.num_row_groups)), row


def _sized(item: Item, most: int) -> Item:
    return Bad("oversized", item.offset) if isinstance(item, Record) and len(item.body) > most else item
