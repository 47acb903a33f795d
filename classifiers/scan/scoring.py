"""What a worker does: read a chunk, ask the machine a batch at a time, and keep sums."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from classifiers.machine import Machine
from classifiers.novelty import KnownUnknowns, vectorise
from classifiers.page import Page
from classifiers.scan.extractor import Extractor
from classifiers.scan.plan import ScanPlan, extractor
from classifiers.scan.records import Bad, Chunk, Item, Record
from classifiers.scan.sources import read_records
from classifiers.scan.summary import Summary
from classifiers.scan.suspects import Suspect

_NEIGHBOURS = 5
_MOST_CHARACTERS = 2_000_000
_TITLE = 200
_DEAR = 5  # steps are this many times longer where going on in the middle means reading from the beginning


@dataclass
class ChunkResult:
    """What was found in a chunk. `next` is where to go on, where the chunk was too long for one step."""

    summary: Summary
    next: int | None = None


class Scorer:
    """A plan with its machine, model and extractor loaded. Made once a process."""

    def __init__(self, plan: ScanPlan) -> None:
        self.plan = plan
        self.machine: Machine = plan.machine.load()
        self.costs: NDArray[np.float64] = plan.costs_of(self.machine.classes_)
        self.known: KnownUnknowns = plan.known.model()
        self.read_page: Extractor = extractor(plan)

    def score_chunk(self, chunk: Chunk) -> ChunkResult:
        """Score the records of a chunk. Raises MachineError and OSError; bad records raise nothing."""
        tally = _Tally(self, chunk)
        most = self.plan.most_records * (1 if chunk.seeks else _DEAR)
        seen, last = 0, chunk.start
        for item in read_records(chunk, self.plan.most_bytes):
            if seen >= most and item.offset > last:
                return ChunkResult(tally.finish(), item.offset)
            tally.take(item)
            seen, last = seen + 1, item.offset
        return ChunkResult(tally.finish())

    def is_heavy(self, record: Record) -> bool:
        """Whether a page has too many tags to be taken apart."""
        if not record.is_html:
            return False
        body = record.body
        tags = body.count(b"<") if isinstance(body, bytes) else body.count("<")
        return tags > self.plan.most_tags

    def page(self, record: Record) -> Page | None:
        """The page in a record, or None where the extractor finds none, whatever is the matter."""
        try:
            return self.read_page(record)
        except Exception:
            return None

    def suspects(self, chunk: Chunk, records: list[Record], pages: list[Page]) -> tuple[int, list[Suspect]]:
        """How many of the pages are open, and the suspects among them."""
        answers = self.machine.predict_proba(pages)
        severity = answers @ self.costs
        places = np.flatnonzero(severity >= self.plan.min_severity)
        if not len(self.known) or not places.size:
            return int(places.size), []
        rows = vectorise([pages[place] for place in places])
        foreseeable = self.known.foreseeable(rows)
        near = np.flatnonzero(foreseeable >= self.plan.min_foreseeable)
        clusters = self._clusters(rows[near]) if near.size else []
        found = []
        for index, cluster in zip(near, clusters, strict=True):
            place = int(places[index])
            best = int(answers[place].argmax())
            record = records[place]
            found.append(
                Suspect(
                    record.url,
                    cluster,
                    round(float(foreseeable[index]), 4),
                    round(float(severity[place]), 4),
                    self.machine.classes_[best],
                    round(float(answers[place, best]), 4),
                    pages[place].title[:_TITLE],
                    chunk.source,
                    record.offset,
                )
            )
        return int(places.size), found

    def _clusters(self, rows: csr_matrix) -> list[str]:
        """The cluster of each row: that of the known errors most like it, each with as many votes as it is like."""
        names = self.plan.known.clusters
        answer = []
        for near in self.known.neighbours(rows, _NEIGHBOURS):
            votes: dict[str, float] = {}
            for neighbour in near:
                name = names[int(str(neighbour.id))]
                votes[name] = votes.get(name, 0.0) + neighbour.similarity
            answer.append(min(votes, key=lambda name: (-votes[name], name)))
        return answer


class _Tally:
    """A chunk being scored: pages wait here until they fill a batch."""

    def __init__(self, scorer: Scorer, chunk: Chunk) -> None:
        self._scorer = scorer
        self._chunk = chunk
        self._records: list[Record] = []
        self._pages: list[Page] = []
        self._waiting = 0
        self._block: Counter[str] = Counter()
        self._block_pages = 0
        self._summary = Summary(scorer.plan)

    def take(self, item: Item) -> None:
        """One record more."""
        if isinstance(item, Bad):
            self._summary.bad[item.reason] += 1
            return
        if self._scorer.is_heavy(item):
            self._summary.bad["heavy"] += 1
            return
        page = self._scorer.page(item)
        if page is None:
            self._summary.bad["unreadable"] += 1
            return
        # The body is not needed again, and may be large.
        self._records.append(Record(item.url, "", item.offset))
        self._pages.append(page)
        self._waiting += len(page.text)
        if len(self._pages) >= self._scorer.plan.batch or self._waiting > _MOST_CHARACTERS:
            self._ask()

    def finish(self) -> Summary:
        """Score what waits; the sums."""
        self._ask()
        self._close()
        return self._summary

    def _ask(self) -> None:
        if not self._pages:
            return
        opened, suspects = self._scorer.suspects(self._chunk, self._records, self._pages)
        self._summary.pages += len(self._pages)
        self._summary.open += opened
        self._summary.note(suspects)
        self._count(len(self._pages), suspects)
        self._records, self._pages, self._waiting = [], [], 0

    def _count(self, pages: int, suspects: Iterable[Suspect]) -> None:
        self._block.update(suspect.cluster for suspect in suspects)
        self._block_pages += pages
        if self._block_pages >= self._scorer.plan.block:
            self._close()

    def _close(self) -> None:
        if self._block_pages:
            self._summary.blocks.close(self._block_pages, self._block)
        self._block, self._block_pages = Counter(), 0


@lru_cache(maxsize=1)
def _scorer(held: _ByDigest) -> Scorer:
    return Scorer(held.plan)


@dataclass(frozen=True)
class _ByDigest:
    digest: str
    plan: ScanPlan

    def __hash__(self) -> int:
        return hash(self.digest)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _ByDigest) and other.digest == self.digest


def score_chunk(chunk: Chunk, plan: ScanPlan, digest: str) -> ChunkResult:
    """`Scorer.score_chunk` with a scorer that is kept for the next chunk of the same plan (`digest`: plan.digest())."""
    return _scorer(_ByDigest(digest, plan)).score_chunk(chunk)
