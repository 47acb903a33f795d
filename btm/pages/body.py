"""Reading a body with a bound on every count: bytes on the wire, bytes after inflation, seconds."""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable, Iterator, Mapping

from urllib3 import HTTPResponse
from urllib3.exceptions import HTTPError, ReadTimeoutError

from btm.pages.reasons import FetchFailed

_CHUNK = 65_536
_GZIP = 31  # zlib's window bits for a gzip wrapper
_MAX_MEMBERS = 64


def read_body(raw: HTTPResponse, headers: Mapping[str, str], max_bytes: int, ends_at: float) -> bytes:
    """The whole body, decompressed.

    `max_bytes` bounds it before and after decompression; `ends_at` is on `time.monotonic`'s clock.
    Raises FetchFailed: `too_large`, `timeout`, or `broken` (cut off, garbled, or in a coding that was not offered).
    """
    coding = headers.get("Content-Encoding", "").strip().lower()
    if coding not in ("", "identity", "gzip", "x-gzip"):
        raise FetchFailed("broken")
    declared = headers.get("Content-Length", "").strip()
    if declared.isascii() and declared.isdigit() and (len(declared) > 18 or int(declared) > max_bytes):
        raise FetchFailed("too_large")
    chunks = _wire(raw, max_bytes, ends_at)
    return _gunzip(chunks, max_bytes) if coding.endswith("gzip") else b"".join(chunks)


def _wire(raw: HTTPResponse, max_bytes: int, ends_at: float) -> Iterator[bytes]:
    total = 0
    while chunk := _guarded(lambda: raw.read1(_CHUNK, decode_content=False)):
        total += len(chunk)
        if total > max_bytes:
            raise FetchFailed("too_large")
        if time.monotonic() > ends_at:
            raise FetchFailed("timeout")
        yield chunk


def _guarded(read: Callable[[], bytes]) -> bytes:
    try:
        return read()
    except (ReadTimeoutError, TimeoutError) as error:
        raise FetchFailed("timeout") from error
    except (HTTPError, OSError, ValueError) as error:
        raise FetchFailed("broken") from error


def _gunzip(chunks: Iterator[bytes], max_bytes: int) -> bytes:
    out = bytearray()
    inflater = zlib.decompressobj(_GZIP)
    members, begun = 1, False
    for chunk in chunks:
        begun, data = True, chunk
        while data:
            out += _inflate(inflater, data, max_bytes - len(out) + 1)
            if len(out) > max_bytes:
                raise FetchFailed("too_large")
            data = inflater.unused_data if inflater.eof else b""
            if data.strip(b"\0"):
                inflater, members = zlib.decompressobj(_GZIP), members + 1
            else:
                data = b""
            if members > _MAX_MEMBERS:
                raise FetchFailed("broken")
    if begun and not inflater.eof:
        raise FetchFailed("broken")
    return bytes(out)


def _inflate(inflater: zlib._Decompress, data: bytes, limit: int) -> bytes:
    try:
        return inflater.decompress(data, limit)
    except zlib.error as error:
        raise FetchFailed("broken") from error
