"""What this process remembers of verified probes, kept level with the database. Shared by the services.

Nothing is retrained and nobody is told: before each quote a process reads the outcomes that it has not seen yet, so the
first confirmed find lowers the novelty of its like in every process at once.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

from scipy.sparse import csr_matrix

from btm.services.machines import as_page
from btm.services.templates import Sites, own_words
from btm.store import play, takedowns
from btm.store.tables_play import DbPage
from btm.store.transaction import Session
from classifiers.novelty import KnownUnknowns, Neighbour, vectorise

MOST_OWN = 50
BATCH = 500
MOST_NEIGHBOURS = 3
MOST_NEAREST = 30
LIKE = 0.3
"""From this similarity on, a find is named to the player as one like theirs."""


@dataclass
class _Memory:
    model: KnownUnknowns = field(default_factory=KnownUnknowns)
    sites: Sites = field(default_factory=Sites)
    seen: int = 0
    emptied: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)


@dataclass(frozen=True, slots=True)
class Foreseen:
    """How foreseeable a page's error is (0 to 1), and the finds most like it: (submission id, similarity).

    `row`, shape (1, columns), is the page as `classifiers.novelty.vectorise` made it; `nearest` are more of the verified finds,
    whatever their likeness, to see where the page belongs.
    """

    q: float
    neighbours: tuple[tuple[int, float], ...]
    row: csr_matrix | None = field(default=None, compare=False, repr=False)
    nearest: tuple[tuple[int, float], ...] = field(default=(), compare=False, repr=False)


_memories: dict[tuple[str, int], _Memory] = {}
_memories_lock = threading.Lock()


def foresee(session: Session, challenge_id: int, player_id: int, page: DbPage) -> Foreseen:
    """How foreseeable an error on this page is, given all that was judged in the challenge and the player's own pages that wait."""
    memory = _memory(str(session.get_bind().engine.url), challenge_id)
    with memory.lock:
        _catch_up(session, challenge_id, memory)
        row = vectorise([own_words(page, memory.sites)])
        known = float(memory.model.foreseeable(row)[0])
        near = memory.model.neighbours(row, k=MOST_NEAREST)[0]
    own, own_near = own_likeness(session, challenge_id, player_id, page)
    neighbours = sorted([*near, *own_near], key=lambda n: -n.similarity)[:MOST_NEIGHBOURS]
    return Foreseen(
        max(known, own),
        tuple((int(str(n.id)), round(n.similarity, 3)) for n in neighbours if n.similarity >= LIKE),
        row,
        tuple((int(str(n.id)), n.similarity) for n in near),
    )


def rows_of(session: Session, challenge_id: int, submission_ids: Sequence[int]) -> csr_matrix:
    """The rows of verified probes, as `classifiers.novelty.vectorise` made them, in this order: each page is read once a process.

    Raises KeyError for a submission that has no outcome.
    """
    memory = _memory(str(session.get_bind().engine.url), challenge_id)
    with memory.lock:
        _catch_up(session, challenge_id, memory)
        return memory.model.rows_of(list(submission_ids))


def _catch_up(session: Session, challenge_id: int, memory: _Memory) -> None:
    """Read the outcomes that this process has not seen yet, a batch at a time. Where pages were taken down since, all is forgotten first."""
    emptied = takedowns.newest_tombstone(session, challenge_id)
    if emptied != memory.emptied:
        memory.model, memory.sites, memory.seen, memory.emptied = KnownUnknowns(), Sites(), 0, emptied
    while batch := play.probes_since(session, challenge_id, memory.seen, BATCH):
        memory.model.partial_fit(
            [as_page(page) for _, _, _, page in batch],
            [is_error for _, _, is_error, _ in batch],
            ids=[submission_id for _, submission_id, _, _ in batch],
        )
        for _, _, _, page in batch:
            memory.sites.add(page)
        memory.seen = batch[-1][0]


def own_likeness(
    session: Session, challenge_id: int, player_id: int, page: DbPage, claimed: str | None = None
) -> tuple[float, list[Neighbour]]:
    """The same of the player's own pages that no verdict has met yet: somebody who holds ten like it has found one thing."""
    rows = play.own_unsettled(session, challenge_id, player_id, MOST_OWN, claimed)
    if not rows:
        return 0.0, []
    sites = Sites()
    for _, each in rows:
        sites.add(each)
    row = vectorise([own_words(page, sites)])
    model = KnownUnknowns().partial_fit(
        [as_page(each) for _, each in rows],
        [True] * len(rows),
        ids=[submission_id for submission_id, _ in rows],
    )
    return float(model.foreseeable(row)[0]), model.neighbours(row, k=MOST_NEIGHBOURS)[0]


def _memory(database: str, challenge_id: int) -> _Memory:
    with _memories_lock:
        return _memories.setdefault((database, challenge_id), _Memory())
