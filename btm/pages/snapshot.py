"""Keeping the raw bytes of pages, by their hash: what was judged stays what it was."""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import os
import re
import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol
from urllib.parse import quote, unquote

_KEY = re.compile(r"[0-9a-f]{64}")


class SnapshotMissing(KeyError):
    """No snapshot under this key."""


class SnapshotDamaged(Exception):
    """What is kept under this key is not what was put there."""


class SnapshotStore(Protocol):
    """Where snapshots are kept. Keys are SHA-256 of the body, as 64 hexadecimal digits."""

    def put(self, body: bytes) -> str:
        """Keep a body, once, and return its key. Durable when this returns."""

    def get(self, key: str) -> bytes:
        """The body. Raises SnapshotMissing, or SnapshotDamaged where it does not match its key."""

    def verify(self, key: str) -> bool:
        """Whether the body is there and matches its key."""

    def delete(self, key: str) -> None:
        """Forget the body (a takedown); no error where there is none."""

    def keys(self) -> Iterator[str]:
        """Every key under which something is kept, in no order."""

    def check_writable(self) -> None:
        """Write a mark. Raises OSError where nothing can be written now."""


def is_key(key: str) -> bool:
    """Whether this could be the key of a body."""
    return _KEY.fullmatch(key) is not None


def open_snapshots(place: str | Path) -> SnapshotStore:
    """The store at a place: a folder, or an address of object storage as `place_of` writes it."""
    if "://" not in str(place):
        return FolderSnapshots(place)
    if str(place).startswith("file://"):
        return FolderSnapshots(str(place).removeprefix("file://"))
    from btm.pages.objects import ObjectSnapshots

    url, _, endpoint = str(place).partition("#")
    return ObjectSnapshots(url, unquote(endpoint))


def place_of(url: str, endpoint: str = "") -> str:
    """The address of object storage, with the endpoint that it is reached by, as one word that can be handed on."""
    return f"{url}#{quote(endpoint, safe='')}" if endpoint else url


class FolderSnapshots:
    """Snapshots as gzip files in two levels of folders. Processes may share the folder."""

    def __init__(self, folder: str | Path) -> None:
        """`folder` is made when first needed."""
        self._folder = Path(folder)

    def put(self, body: bytes) -> str:
        """See SnapshotStore. A damaged file of the same key is replaced."""
        key = hashlib.sha256(body).hexdigest()
        if not self.verify(key):
            self._write(self._path(key), gzip.compress(body, compresslevel=6, mtime=0))
        return key

    def get(self, key: str) -> bytes:
        """See SnapshotStore."""
        try:
            body = gzip.decompress(self._path(key).read_bytes())
        except FileNotFoundError as error:
            raise SnapshotMissing(key) from error
        except (OSError, EOFError, zlib.error) as error:
            raise SnapshotDamaged(key) from error
        if hashlib.sha256(body).hexdigest() != key:
            raise SnapshotDamaged(key)
        return body

    def verify(self, key: str) -> bool:
        """See SnapshotStore."""
        try:
            self.get(key)
        except (SnapshotMissing, SnapshotDamaged):
            return False
        return True

    def delete(self, key: str) -> None:
        """See SnapshotStore."""
        self._path(key).unlink(missing_ok=True)

    def keys(self) -> Iterator[str]:
        """See SnapshotStore."""
        for path in self._folder.glob("??/??/*.gz"):
            if is_key(path.stem):
                yield path.stem

    def check_writable(self) -> None:
        """See SnapshotStore."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=self._folder) as file:
            file.write(b"ready\n")
            file.flush()

    def _path(self, key: str) -> Path:
        if not is_key(key):
            raise SnapshotMissing(key)
        return self._folder / key[:2] / key[2:4] / f"{key}.gz"

    def _write(self, path: Path, data: bytes) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(prefix=".", suffix=".part", dir=path.parent)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, path)
        except BaseException:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(temporary)
            raise
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)  # the name is durable too
        finally:
            os.close(folder)
