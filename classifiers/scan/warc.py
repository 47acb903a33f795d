"""WARC and WET files, gzipped or not: the pages in them, by warcio, whatever else stands there.

Of a WARC the responses with HTML or plain text are pages, of a WET the conversions. Requests, metadata and the like are
passed over without a word; a response that is no page is told.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from typing import IO, Any, Protocol

from warcio.exceptions import ArchiveLoadFailed
from warcio.recordloader import ArcWarcRecordLoader
from warcio.statusandheaders import StatusAndHeadersParserException

from classifiers.scan.members import TooLong, members
from classifiers.scan.records import Bad, Item, Record

_HEADERS = 131_072
_BLOCK = 65_536
_LINE = 65_536
_HTML = ("text/html", "application/xhtml+xml")
_CHARSET = re.compile(r"""charset\s*=\s*["']?\s*([\w.:-]{1,40})""", re.IGNORECASE)
_PAGES = frozenset({"response", "resource", "conversion"})
_BROKEN = (
    ArchiveLoadFailed, StatusAndHeadersParserException, ValueError, TypeError, AttributeError, IndexError, KeyError,
)  # fmt: skip
_LOADER = ArcWarcRecordLoader(verify_http=False)  # some crawlers write HTTP/2 where warcio knows 1.0 and 1.1


class _NoRecord(Exception):
    """Where a record should begin, something else does."""


class _Stream(Protocol):
    def peek(self, size: int = 0, /) -> bytes: ...
    def read(self, size: int | None = -1, /) -> bytes: ...
    def readline(self, size: int | None = -1, /) -> bytes: ...


def read_gzipped(file: IO[bytes], start: int, end: int | None, most: int) -> Iterator[Item]:
    """The pages whose gzip member begins in [start, end). A file that is one single member is read through as well."""
    for member in members(file, start, end):
        if isinstance(member, Bad):
            yield member
            continue
        try:
            while member.peek(1):
                member.inflated.limit = most + _HEADERS
                item = _next(member, member.offset, most)
                if item is not None:
                    yield item
                member.inflated.limit = None
        except TooLong:
            yield Bad("oversized", member.offset)
        except _NoRecord:
            yield Bad("damaged", member.offset)
        except (zlib.error, EOFError):
            continue  # `members` tells it


class Bounded:
    """A plain file whose lines and reads are counted, so that a header without an end is not read for ever."""

    def __init__(self, file: Any) -> None:
        self._file = file
        self.limit: int | None = None

    def _counted(self, data: bytes) -> bytes:
        if self.limit is not None:
            self.limit -= len(data)
            if self.limit < 0:
                raise TooLong
        return data

    def peek(self, size: int = 0, /) -> bytes:
        data = bytes(self._file.read(1))
        if data:
            self._file.seek(-1, 1)
        return data

    def read(self, size: int | None = -1, /) -> bytes:
        return self._counted(self._file.read(size))

    def readline(self, size: int | None = -1, /) -> bytes:
        most = _HEADERS if size is None or size < 0 else min(size, _HEADERS)
        return self._counted(self._file.readline(most))


def read_plain(file: IO[bytes], start: int, end: int | None, most: int) -> Iterator[Item]:
    """The pages of a WARC without compression, from the record at `start` on. After damage the next `WARC/` line is sought."""
    file.seek(start)
    stream = Bounded(file)
    silent = start > 0
    while True:
        begun = file.tell()
        found, dirty = _at_record(file)
        if dirty and not silent:
            yield Bad("damaged", begun)
        if not found:
            return
        offset, silent = file.tell(), False
        if end is not None and offset >= end:
            return
        stream.limit = most + _HEADERS
        try:
            item = _next(stream, offset, most)
        except TooLong:
            item, silent = Bad("oversized", offset), True
        except _NoRecord:
            item, silent = Bad("damaged", offset), True
        except EOFError:
            item = Bad("truncated", offset)
        stream.limit = None
        if item is not None:
            yield item


def _at_record(file: IO[bytes]) -> tuple[bool, bool]:
    """Go to where the next record begins: whether there is one, and whether anything but empty lines stood before it."""
    at_start, dirty = True, False
    while line := file.readline(_LINE):
        if at_start and line.startswith(b"WARC/"):
            file.seek(-len(line), 1)
            return True, dirty
        at_start = line.endswith(b"\n")
        dirty = dirty or bool(line.strip(b"\0\r\n "))
    return False, dirty


def _next(stream: _Stream, offset: int, most: int) -> Item | None:
    """One record, read to its end; None where it is no page and should not be. Raises EOFError, _NoRecord, TooLong."""
    while (head := stream.peek(1)[:1]) in (b"\r", b"\n") and head:
        stream.readline()
    if not head:
        return None
    try:
        record = _LOADER.parse_record_stream(stream, known_format="warc", no_record_parse=True)
    except _BROKEN as error:
        raise _NoRecord from error
    if (
        not (record.rec_headers.get_header("Content-Length") or "").strip().isdigit()
    ):  # a head cut off, or no end
        raise _NoRecord
    try:
        item = _page(record, offset, most)
    except _BROKEN:
        item = Bad("damaged", offset)
    _drain(stream, record.raw_stream)
    return item


def _drain(stream: Any, rest: Any) -> None:
    if isinstance(stream, Bounded):
        stream.limit = None
    elif hasattr(stream, "inflated"):
        stream.inflated.limit = None
    while rest.read(_BLOCK):
        pass
    if getattr(rest, "limit", 0) > 0:
        raise EOFError


def _page(record: Any, offset: int, most: int) -> Item | None:
    if record.rec_type not in _PAGES:
        return None
    url = record.rec_headers.get_header("WARC-Target-URI") or ""
    answer = _LOADER.load_http_headers(record.rec_type, url, record.raw_stream, record.length)
    record.http_headers = answer
    if answer is not None and answer.get_statuscode() != "200":
        return Bad("status", offset)
    header = (answer.get_header("Content-Type") if answer is not None else record.content_type) or ""
    kind = header.partition(";")[0].strip().lower()
    if not url or (kind not in _HTML and kind != "text/plain"):
        return Bad("content_type" if url else "damaged", offset)
    body = _read(record.content_stream(), most)
    if len(body) > most:
        return Bad("oversized", offset)
    if not body.strip():
        return Bad("empty", offset)
    if kind == "text/plain":
        return Record(url, body.decode("utf-8", "replace"), offset)
    charset = _CHARSET.search(header)
    return Record(url, body, offset, True, charset[1] if charset else "")


def _read(stream: Any, most: int) -> bytes:
    parts, size = [], 0
    while size <= most and (data := stream.read(min(_BLOCK, most + 1 - size))):
        parts.append(data)
        size += len(data)
    return b"".join(parts)
