"""Files, one after another, as one zip archive, streamed. Shared by the services."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator

from btm.services.parquet_rows import Drain

EPOCH = (1980, 1, 1, 0, 0, 0)
"""The moment that every entry of an archive bears, so that the same files give the same bytes."""

Files = Iterator[tuple[str, Iterator[bytes]]]
"""Paths and their bytes, to be read in this order."""


def zipped(files: Files) -> Iterator[bytes]:
    """The archive, a part at a time."""
    sink = Drain()
    with zipfile.ZipFile(sink, "w") as archive:
        for path, chunks in files:
            entry = zipfile.ZipInfo(path, EPOCH)
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            with archive.open(entry, "w", force_zip64=True) as target:
                for chunk in chunks:
                    target.write(chunk)
                    yield sink.take()
    yield sink.take()
