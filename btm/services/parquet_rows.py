"""Rows of an export as a Parquet file, streamed. Shared by the services.

pyarrow is loaded when it is asked for: it takes some 50 MB, which a server that exports nothing need not hold.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from btm.services.corpus_rows import COLUMNS

ROWS = 1000
BYTES = 8_000_000
"""A row group ends with whichever comes first: so many rows, or so many characters of text, so that memory stays flat however long
the pages are. Both depend on the rows alone, so that the same rows give the same bytes."""


class Drain:
    """A file that is only written to, and emptied as it fills."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._written = 0
        self.closed = False

    def write(self, data: Any) -> int:
        part = bytes(data)
        self._parts.append(part)
        self._written += len(part)
        return len(part)

    def tell(self) -> int:
        """How much was written in all."""
        return self._written

    def take(self) -> bytes:
        """What was written since it was last taken."""
        taken = b"".join(self._parts)
        self._parts.clear()
        return taken

    def writable(self) -> bool:
        return True

    def readable(self) -> bool:
        return False

    def seekable(self) -> bool:
        return False

    def flush(self) -> None:
        """Nothing waits here."""

    def close(self) -> None:
        self.closed = True


def parquet_of(rows: Iterable[dict[str, Any]], labels: Sequence[str]) -> Iterator[bytes]:
    """The rows as a Parquet file. labels: the challenge's, in order: each is a field of `probabilities`.

    Values are as in JSONL, but moments are timestamps in UTC, a cluster or recheck that is not there is null, and redirects have
    names. The schema is the same for every part of one challenge.
    """
    repeated = ["language", "machine", "machine_version", "predicted", "verified_label", "origin"]
    return parquet_with(
        schema_of(labels),
        map(_typed, rows),
        use_dictionary=repeated,
        write_statistics=["settled_at", "cluster"],
    )


def parquet_with(schema: Any, rows: Iterable[dict[str, Any]], **options: Any) -> Iterator[bytes]:
    """Rows that are typed as the schema says, as a Parquet file. Each has a `text`. options: of pyarrow's writer."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    sink = Drain()
    writer = pq.ParquetWriter(pa.PythonFile(sink, mode="w"), schema, compression="zstd", **options)
    for group in _groups(rows):
        writer.write_table(pa.Table.from_pylist(group, schema=schema))
        yield sink.take()
    writer.close()
    yield sink.take()


def schema_of(labels: Sequence[str]) -> Any:
    """The columns' types, in the order of `corpus_rows.COLUMNS`."""
    import pyarrow as pa

    moment, text = pa.timestamp("us", tz="UTC"), pa.string()
    special: dict[str, Any] = {
        "fetched_at": moment, "submitted_at": moment, "settled_at": moment, "rechecked_at": moment,
        "probabilities": pa.struct([(label, pa.float64()) for label in labels]),
        "verdict_probability": pa.float64(), "severity": pa.float64(), "novelty": pa.float64(),
        "points": pa.int64(), "status": pa.int64(),
        "judgements": pa.list_(pa.struct([
            ("judge", text), ("label", text), ("cannot", text), ("seconds", pa.float64()), ("reason", text), ("other", text),
        ])),
        "versions": pa.list_(pa.struct([
            ("machine", text), ("machine_version", text), ("predicted", text), ("is_error", pa.bool_()),
            ("severity", pa.float64()), ("at", moment),
        ])),
        "redirects": pa.list_(pa.struct([("status", pa.int64()), ("url", text)])),
    }  # fmt: skip
    return pa.schema([(column, special.get(column, text)) for column in COLUMNS])


def _groups(rows: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    group: list[dict[str, Any]] = []
    size = 0
    for row in rows:
        group.append(row)
        size += len(row["text"])
        if len(group) >= ROWS or size >= BYTES:
            yield group
            group, size = [], 0
    if group:
        yield group


def _typed(row: dict[str, Any]) -> dict[str, Any]:
    return row | {
        **{name: _moment(row[name]) for name in ("fetched_at", "submitted_at", "settled_at", "rechecked_at")},
        **{name: row[name] or None for name in ("cluster", "cluster_name", "cluster_state", "recheck")},
        "versions": [{**each, "at": _moment(each["at"])} for each in row["versions"]],
        "redirects": [{"status": int(status), "url": str(url)} for status, url in row["redirects"]],
    }


def _moment(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
