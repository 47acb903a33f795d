"""A scan from beginning to end: sources to chunks, chunks to workers, results to one summary.

With one worker it runs here, with more on Dask (`classifiers.scan.cluster`).
"""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeAlias

from classifiers.scan.checkpoint import Checkpoint
from classifiers.scan.plan import ScanPlan
from classifiers.scan.records import Chunk
from classifiers.scan.scoring import ChunkResult, Scorer
from classifiers.scan.sources import CHUNK_BYTES, chunks, find_sources
from classifiers.scan.summary import Summary

GIVE_UP_AFTER = 5


class ScanFailed(Exception):
    """So many chunks failed one after the other that going on makes no sense. What was finished is kept."""


@dataclass(frozen=True)
class Progress:
    """How far a scan is. `done` and `total` are bytes of the sources, `pages` what was scored since it began or went on."""

    done: int
    total: int
    pages: int
    bad: int
    suspects: int
    failed: int
    pages_per_second: float


@dataclass
class ScanReport:
    """What a scan found. `failed`, chunk -> reason, is missing in `summary`; the same scan again tries these alone."""

    summary: Summary
    failed: dict[str, str] = field(default_factory=dict)

    @property
    def complete(self) -> bool:
        """Whether all of the crawl was scored."""
        return not self.failed


Outcome: TypeAlias = "ChunkResult | Exception"


class Work:
    """Chunks still to be done: those of the plan, and what is left of those too long for one step, which goes first."""

    def __init__(self, planned: Iterable[Chunk]) -> None:
        self._planned = iter(planned)
        self._rest: deque[Chunk] = deque()

    def take(self) -> Chunk | None:
        """The next chunk, None when there is none at present."""
        return self._rest.popleft() if self._rest else next(self._planned, None)

    def put(self, chunk: Chunk) -> None:
        self._rest.append(chunk)


def scan(
    plan: ScanPlan,
    sources: Sequence[str],
    folder: str | Path,
    *,
    workers: int | None = None,
    scheduler: str = "",
    chunk_bytes: int = CHUNK_BYTES,
    on_progress: Callable[[Progress], None] | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> ScanReport:
    """Score a crawl, resuming what `folder` holds of the same scan.

    `workers`: processes on this machine, by default one a core. `scheduler`: the address of a Dask cluster that is to do it
    instead. `clock` gives seconds. Raises SourceRefused, ScanMismatch, ScanFailed, MachineError, and ValueError where the
    machine does not know the plan's target.
    """
    scorer = Scorer(plan)
    found = find_sources(sources)
    count = workers or len(os.sched_getaffinity(0))
    identity = f"{scorer.machine.name} {scorer.machine.version}"
    with Checkpoint(folder, plan, found, identity) as checkpoint:
        course = _Course(plan, checkpoint, sum(source.size for source in found), on_progress, clock)
        work = Work(course.unfinished(c for source in found for c in chunks(source, chunk_bytes)))
        if scheduler or count > 1:
            from classifiers.scan.cluster import on_dask

            outcomes = on_dask(plan, work, scheduler, count)
        else:
            outcomes = _here(scorer, work)
        for chunk, outcome in outcomes:
            rest = course.take(chunk, outcome)
            if rest is not None:
                work.put(rest)
    return course.report


def _here(scorer: Scorer, work: Work) -> Iterator[tuple[Chunk, Outcome]]:
    while (chunk := work.take()) is not None:
        outcome: Outcome
        try:
            outcome = scorer.score_chunk(chunk)
        except Exception as error:
            outcome = error
        yield chunk, outcome


class _Course:
    """Where a scan stands."""

    def __init__(
        self,
        plan: ScanPlan,
        checkpoint: Checkpoint,
        total: int,
        on_progress: Callable[[Progress], None] | None,
        clock: Callable[[], float],
    ) -> None:
        self.report = ScanReport(Summary(plan))
        self._checkpoint = checkpoint
        self._total = total
        self._tell = on_progress or (lambda progress: None)
        self._clock = clock
        self._begun = clock()
        self._fresh = 0
        self._done = 0
        self._in_a_row = 0
        self._finished: dict[str, int | None] = {}
        for key, result in checkpoint.finished():
            self._finished[key] = result.next
            self.report.summary.add(result.summary)

    def unfinished(self, planned: Iterable[Chunk]) -> Iterator[Chunk]:
        """The chunks without those, or those parts, that the folder holds."""
        for chunk in planned:
            left: Chunk | None = chunk
            while left is not None and left.key in self._finished:
                left = self._after(left, self._finished[left.key])
            if left is not None:
                yield left

    def take(self, chunk: Chunk, outcome: Outcome) -> Chunk | None:
        """Take in what came of a chunk; returns what is left of it. Raises ScanFailed."""
        if isinstance(outcome, Exception):
            self.report.failed[chunk.key] = f"{type(outcome).__name__}: {outcome}"
            self._in_a_row += 1
            if self._in_a_row >= GIVE_UP_AFTER:
                raise ScanFailed(
                    f"{GIVE_UP_AFTER} parts in a row failed, the last with: {outcome}"
                ) from outcome
            rest = None
        else:
            self._in_a_row = 0
            self._checkpoint.write(chunk, outcome)
            self.report.summary.add(outcome.summary)
            self._fresh += outcome.summary.pages
            rest = self._after(chunk, outcome.next)
        self._tell(self._progress())
        return rest

    def _after(self, chunk: Chunk, start: int | None) -> Chunk | None:
        """What is left of a chunk that was done up to `start`; counts what was done."""
        if start is None:
            self._done += chunk.weight
            return None
        bytes_done = start - chunk.start if chunk.seeks and chunk.kind != "parquet" else 0
        self._done += bytes_done
        return replace(chunk, start=start, weight=max(0, chunk.weight - bytes_done))

    def _progress(self) -> Progress:
        found = self.report.summary
        seconds = max(1e-9, self._clock() - self._begun)
        return Progress(
            self._done,
            self._total,
            self._fresh,
            found.bad.total(),
            found.clusters.total(),
            len(self.report.failed),
            self._fresh / seconds,
        )
