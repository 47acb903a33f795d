"""The members of a gzip file one by one, each as a stream, from any byte on and whatever stands between them.

A `.warc.gz` has a member for each record, so a part of the file can be read without what stands before it.
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterator
from typing import IO, Any

from classifiers.scan.records import Bad

_MAGIC = b"\x1f\x8b\x08"
_BLOCK = 262_144
_PROBE = 4096
_BUFFER = 65_536
_GZIP = 31  # zlib's window bits for a gzip wrapper


class TooLong(Exception):
    """More came out of a member than its reader allowed."""


class Window:
    """A file read forwards, with what was read too much put back."""

    def __init__(self, file: IO[bytes], start: int) -> None:
        file.seek(start)
        self._file = file
        self._held = b""
        self.position = start

    def read(self) -> bytes:
        """The next bytes, empty at the end of the file."""
        data = self._held or self._file.read(_BLOCK)
        self._held = b""
        self.position += len(data)
        return data

    def put_back(self, data: bytes) -> None:
        """The tail of what was read last."""
        self._held = data + self._held
        self.position -= len(data)

    def back_to(self, position: int) -> None:
        """Read again from a position."""
        self._file.seek(position)
        self._held, self.position = b"", position


class Inflated(io.RawIOBase):
    """What one member holds, inflated as it is read; `limit` bounds what comes out until it is set anew (None: no bound).

    `truncated`: the file ended within the member. Reading raises zlib.error where it is damaged, TooLong above the limit.
    """

    def __init__(self, window: Window) -> None:
        self._window = window
        self._inflater = zlib.decompressobj(_GZIP)
        self._feed = b""
        self.limit: int | None = None
        self.truncated = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._inflater.eof:
            self._feed = self._feed or self._window.read()
            if not self._feed:
                self.truncated = True
                return 0
            out = self._inflater.decompress(self._feed, len(buffer))
            self._feed = self._inflater.unconsumed_tail
            if self._inflater.eof:
                self._window.put_back(self._inflater.unused_data)
            if out:
                self._spend(len(out))
                buffer[: len(out)] = out
                return len(out)
        return 0

    def _spend(self, count: int) -> None:
        if self.limit is not None:
            self.limit -= count
            if self.limit < 0:
                raise TooLong

    def finish(self) -> None:
        """Read to the member's end, keeping nothing. Raises zlib.error."""
        self.limit = None
        scratch = bytearray(_BUFFER)
        while self.readinto(memoryview(scratch)):
            pass


class Member(io.BufferedReader):
    """One member as a buffered stream; `offset` is where it begins in the file."""

    def __init__(self, window: Window, offset: int) -> None:
        self.inflated = Inflated(window)
        self.offset = offset
        super().__init__(self.inflated, _BUFFER)


def members(file: IO[bytes], start: int, end: int | None) -> Iterator[Member | Bad]:
    """The WARC members that begin in [start, end), each good until the next is asked for; damage is told and passed over.

    A page can hold bytes that look like a member. They are met only where `start` falls into it, and cost a record there.
    """
    window = Window(file, start)
    silent = start > 0  # the rest of a member that began before is no damage
    while True:
        begun = window.position
        offset, dirty = _find(window, end)
        if dirty and not silent:
            yield Bad("damaged", begun)
        if offset is None or (end is not None and offset >= end):
            return
        member = Member(window, offset)
        yield member
        silent = False
        try:
            member.inflated.finish()
        except zlib.error:
            yield Bad("damaged", offset)
            window.back_to(offset + len(_MAGIC))
            silent = True
        if member.inflated.truncated:
            yield Bad("truncated", offset)
            return


def _find(window: Window, end: int | None) -> tuple[int | None, bool]:
    """Where the next WARC member begins (None: not before `end`), and whether anything but padding stood before it."""
    held, dirty = b"", False
    while True:
        data = window.read()
        held += data
        first = window.position - len(held)
        place = held.find(_MAGIC)
        while place >= 0 and (not data or place + _PROBE <= len(held)):
            if _is_warc(held[place : place + _PROBE]):
                window.put_back(held[place:])
                return first + place, dirty or _dirty(held[:place])
            place = held.find(_MAGIC, place + 1)
        kept = len(held) if not data else place if place >= 0 else max(0, len(held) - len(_MAGIC) + 1)
        dirty = dirty or _dirty(held[:kept])
        if not data or (end is not None and first + kept >= end):
            return None, dirty
        held = held[kept:]


def _dirty(data: bytes) -> bool:
    return bool(data.strip(b"\0\r\n "))


def _is_warc(data: bytes) -> bool:
    try:
        return zlib.decompressobj(_GZIP).decompress(data, 16).startswith(b"WARC/")
    except zlib.error:
        return False
