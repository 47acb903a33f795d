"""A scan's folder: what was finished, so that a scan that was killed goes on where it was.

scan.json     what is scanned with what; a scan with another plan or other files is refused here
chunks.jsonl  a line for each finished chunk, written before anything is told of it
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from classifiers.scan.plan import ScanPlan
from classifiers.scan.records import Chunk
from classifiers.scan.scoring import ChunkResult
from classifiers.scan.sources import Source
from classifiers.scan.summary import Summary


class ScanMismatch(ValueError):
    """The folder holds another scan, or another process is scanning in it."""


class Checkpoint:
    """The folder of one scan, held by this process while it is open. Use as a context manager."""

    def __init__(self, folder: str | Path, plan: ScanPlan, sources: Sequence[Source], machine: str) -> None:
        """`machine` is its name and version, which must not change half way. Raises ScanMismatch."""
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self._plan = plan
        self._file = (self.folder / "chunks.jsonl").open("ab+")
        try:
            self._begin(
                {"plan": plan.digest(), "machine": machine, "sources": [[s.url, s.size] for s in sources]}
            )
        except BaseException:
            self._file.close()
            raise

    def _begin(self, asked: dict[str, Any]) -> None:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise ScanMismatch(f"Another process is scanning in {self.folder}.") from error
        described = self.folder / "scan.json"
        if described.exists():
            kept = json.loads(described.read_text(encoding="utf-8"))
            changed = [name for name in asked if kept.get(name) != asked[name]]
            if changed:
                raise ScanMismatch(
                    f"{self.folder} holds a scan with another {' and '.join(changed)}. Scan into another folder, or empty it."
                )
            return
        fresh = described.with_suffix(".new")
        fresh.write_text(json.dumps(asked), encoding="utf-8")
        fresh.replace(described)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def finished(self) -> Iterator[tuple[str, ChunkResult]]:
        """The chunks that were finished, by their keys. A line that a kill cut short is removed."""
        self._file.seek(0)
        good = 0
        for line in self._file:
            try:
                plain = json.loads(line)
                result = ChunkResult(Summary.from_json(self._plan, plain["found"]), plain["next"])
                key = str(plain["chunk"])
            except (ValueError, KeyError, TypeError):
                break
            good += len(line)
            yield key, result
        self._file.truncate(good)

    def write(self, chunk: Chunk, result: ChunkResult) -> None:
        """Remember a finished chunk. Durable when this returns."""
        plain = {"chunk": chunk.key, "next": result.next, "found": result.summary.to_json()}
        self._file.write(json.dumps(plain).encode() + b"\n")
        self._file.flush()
        os.fsync(self._file.fileno())
