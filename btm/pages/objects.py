"""Snapshots in object storage, through fsspec: what several machines share."""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import os
import posixpath
import socket
import threading
import zlib
from collections.abc import Iterator
from typing import Any

import fsspec

from btm.pages.snapshot import SnapshotDamaged, SnapshotMissing, is_key

_SUFFIX = ".gz"


class StoreDown(OSError):
    """The store does not answer, or refuses us."""


_S3_TIMES = {"connect_timeout": 5, "read_timeout": 30, "retries": {"max_attempts": 4, "mode": "standard"}}


class ObjectSnapshots:
    """Snapshots as gzip objects under one prefix. An object appears whole or not at all, so that nothing is put in place by halves.

    Where the store does not answer, StoreDown is raised, an OSError: that a body cannot be read now is no proof that it is lost.
    """

    def __init__(self, url: str, endpoint: str = "") -> None:
        """`url` as fsspec takes it, such as s3://bucket/prefix; `endpoint` for a store that speaks S3 and is not Amazon's. Keys come
        from where the store's own library looks for them, such as AWS_ACCESS_KEY_ID."""
        self._scheme, _, path = url.partition("://")
        self._root = path.strip("/")
        self._options = _options(self._scheme, endpoint)
        self._lock = threading.Lock()
        self._opened: tuple[int, Any] | None = None

    def put(self, body: bytes) -> str:
        """See SnapshotStore. A damaged object of the same key is replaced."""
        key = hashlib.sha256(body).hexdigest()
        if not self.verify(key):
            with _answering():
                self._files().pipe_file(self._path(key), gzip.compress(body, compresslevel=6, mtime=0))
        return key

    def get(self, key: str) -> bytes:
        """See SnapshotStore."""
        try:
            with _answering():
                packed = self._files().cat_file(self._path(key))
        except FileNotFoundError as error:
            raise SnapshotMissing(key) from error
        try:
            body = gzip.decompress(packed)
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
        """See SnapshotStore. A bucket that keeps older versions of its objects keeps this one too, until its own rules drop it."""
        with contextlib.suppress(FileNotFoundError, SnapshotMissing), _answering():
            self._files().rm_file(self._path(key))

    def keys(self) -> Iterator[str]:
        """See SnapshotStore."""
        with _answering():
            files = self._files()
            files.invalidate_cache()
            found = files.find(self._root)
        for path in found:
            key = posixpath.basename(path).removesuffix(_SUFFIX)
            if path.endswith(_SUFFIX) and is_key(key):
                yield key

    def check_writable(self) -> None:
        """See SnapshotStore."""
        mark = posixpath.join(self._root, ".ready", socket.gethostname())
        with _answering():
            self._files().pipe_file(mark, b"ready\n")

    def _path(self, key: str) -> str:
        if not is_key(key):
            raise SnapshotMissing(key)
        return posixpath.join(self._root, key[:2], key[2:4], f"{key}{_SUFFIX}")

    def _files(self) -> Any:
        """The file system of this process: a connection does not survive a fork."""
        with self._lock:
            if self._opened is None or self._opened[0] != os.getpid():
                self._opened = (os.getpid(), fsspec.filesystem(self._scheme, **self._options))
            return self._opened[1]


@contextlib.contextmanager
def _answering() -> Iterator[None]:
    """Each store's library has errors of its own; a missing object is FileNotFoundError in all of them."""
    try:
        yield
    except (FileNotFoundError, SnapshotMissing):
        raise
    except Exception as error:
        raise StoreDown(f"the snapshot store does not answer: {type(error).__name__}") from error


def _options(scheme: str, endpoint: str) -> dict[str, Any]:
    if scheme not in ("s3", "s3a"):
        return {}
    named = {"endpoint_url": endpoint} if endpoint else {}
    return {"use_listings_cache": False, "config_kwargs": _S3_TIMES, **named}
