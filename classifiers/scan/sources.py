"""From the addresses of a crawl to chunks, and from a chunk to its records. Addresses are paths or any fsspec URL."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import IO, Any

from fsspec.core import url_to_fs

from classifiers.scan import tables, warc
from classifiers.scan.records import MOST_BYTES, Bad, Chunk, Item, Kind, Record, SourceRefused

CHUNK_BYTES = 4_000_000
_SUFFIXES: dict[str, Kind] = {
    ".warc": "warc", ".wet": "warc", ".jsonl": "jsonl", ".ndjson": "jsonl", ".csv": "csv", ".parquet": "parquet",
}  # fmt: skip
_BUFFER = 1_000_000


@dataclass(frozen=True, slots=True)
class Source:
    """One file of a crawl. `size` is in bytes, as it lies there."""

    url: str
    kind: Kind
    gzipped: bool
    size: int


def find_sources(urls: Sequence[str]) -> list[Source]:
    """The files at these addresses: files, patterns (`*`), or folders, of which every file of a known kind is taken.

    Each file once, in the order given. Raises SourceRefused where nothing is, for a file of an unknown kind, and where a
    package for the address is missing.
    """
    found: dict[str, Source] = {}
    for url in urls:
        for each in _expanded(url):
            found.setdefault(each, _source(each))
    return list(found.values())


def chunks(source: Source, chunk_bytes: int = CHUNK_BYTES) -> Iterator[Chunk]:
    """Cut a source into chunks of about `chunk_bytes`, where its format can be read from the middle on.

    WARC with a gzip member a record, and plain JSONL: by bytes. Parquet: by row groups. All else is one chunk, which a
    scan takes in steps. Raises SourceRefused for Parquet without pyarrow.
    """
    if source.kind == "parquet":
        yield from _parquet_chunks(source)
    elif source.gzipped == (source.kind == "warc") and source.kind != "csv" and source.size > chunk_bytes:
        count = -(-source.size // chunk_bytes)
        edges = [source.size * index // count for index in range(count + 1)]
        for start, end in pairwise(edges):
            yield Chunk(source.url, source.kind, source.gzipped, start, end, end - start)
    else:
        yield Chunk(source.url, source.kind, source.gzipped, weight=source.size)


def read_records(chunk: Chunk, most_bytes: int = MOST_BYTES) -> Iterator[Item]:
    """The records that begin in a chunk, and what is bad there. Memory: one record.

    Raises OSError where the source cannot be reached; whatever stands in it raises nothing.
    """
    with _open(chunk.source) as file:
        if chunk.start == 0 and not file.read(1):
            yield Bad("empty_file", 0)
            return
        file.seek(0)
        yield from _records(file, chunk, most_bytes)


def read_at(source: str, offset: int, url: str, most_bytes: int = MOST_BYTES) -> Record | None:
    """The record of a page that a scan has named, or None where the source has changed since."""
    for item in read_records(_whole(source, offset), most_bytes):
        if isinstance(item, Record) and item.url == url:
            return item
        if item.offset > offset:
            return None
    return None


def _whole(source: str, offset: int) -> Chunk:
    found = _source(source)
    return Chunk(found.url, found.kind, found.gzipped, offset)


def _records(file: IO[bytes], chunk: Chunk, most: int) -> Iterator[Item]:
    if chunk.kind == "parquet":
        yield from tables.read_parquet(file, chunk.start, chunk.end, most)
    elif chunk.kind == "warc":
        read = warc.read_gzipped if chunk.gzipped else warc.read_plain
        yield from read(file, chunk.start, chunk.end, most)
    else:
        read = tables.read_csv if chunk.kind == "csv" else tables.read_jsonl
        stream: Any = gzip.GzipFile(fileobj=file) if chunk.gzipped else file
        try:
            yield from read(stream, chunk.start, chunk.end, most)
        except (EOFError, zlib.error, gzip.BadGzipFile):  # on the way to where it should start
            yield Bad("truncated", chunk.start)


def _expanded(url: str) -> list[str]:
    system, path = _system(url)
    try:
        if any(mark in path for mark in "*?["):
            paths = sorted(system.glob(path))
        elif system.isdir(path):
            paths = sorted(each for each in system.find(path) if _kind(each))
        else:
            paths = [path] if system.exists(path) else []
    except (OSError, ValueError, ImportError) as error:
        raise SourceRefused(f"{url} cannot be reached: {error}.") from error
    if not paths:
        raise SourceRefused(f"There is nothing to scan at {url}.")
    if paths == [path]:
        return [url]
    return [str(system.unstrip_protocol(each)) for each in paths]


def _source(url: str) -> Source:
    system, path = _system(url)
    kind = _kind(path)
    if kind is None:
        known = ", ".join(sorted(_SUFFIXES))
        raise SourceRefused(
            f"{url} is of no known kind; its name must end in one of {known}, or these and .gz."
        )
    with _open(url) as file:
        gzipped = file.read(2) == b"\x1f\x8b"
    return Source(url, kind, gzipped, int(system.size(path) or 0))


def _kind(path: str) -> Kind | None:
    name = path.rsplit("/", 1)[-1].lower().removesuffix(".gz")
    return next((kind for suffix, kind in _SUFFIXES.items() if name.endswith(suffix)), None)


def _system(url: str) -> tuple[Any, str]:
    try:
        system, path = url_to_fs(url)
    except (ImportError, ValueError) as error:
        raise SourceRefused(f"{url} cannot be reached: {error}.") from error
    return system, str(path)


def _open(url: str) -> Any:
    system, path = _system(url)
    try:
        return system.open(path, "rb", block_size=_BUFFER)
    except (FileNotFoundError, IsADirectoryError) as error:
        raise SourceRefused(f"There is nothing to scan at {url}.") from error


def _parquet_chunks(source: Source) -> Iterator[Chunk]:
    tables.arrow()
    try:
        with _open(source.url) as file:
            groups = tables.row_groups(file)
    except ValueError:
        groups = []  # reading it tells what is wrong
    if not groups:
        yield Chunk(source.url, "parquet", weight=source.size)
    first = 0
    for rows in groups:
        yield Chunk(
            source.url,
            "parquet",
            False,
            first,
            first + rows,
            source.size * rows // max(1, sum(groups)),
        )
        first += rows
