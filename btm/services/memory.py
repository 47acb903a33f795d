"""What this process remembers of verified probes, kept level with the database. Shared by the services.

Nothing is retrained and nobody is told: before each quote a process reads the outcomes that it has not seen yet, so the
first confirmed find lowers the novelty of its like in every process at once.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from btm.services.machines import as_page
from btm.store import play
from btm.store.tables_play import DbPage
from btm.store.transaction import Session
from classifiers.novelty import KnownUnknowns, vectorise

MOST_OWN = 50
MOST_NEIGHBOURS = 3
LIKE = 0.3
"""From this similarity on, a find is named to the player as one like theirs."""


@dataclass
class _Memory:
    model: KnownUnknowns = field(default_factory=KnownUnknowns)
    seen: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)


@dataclass(frozen=True, slots=True)
class Foreseen:
    """How foreseeable a page's error is (0 to 1), and the finds most like it: (submission id, similarity)."""

    q: float
    neighbours: tuple[tuple[int, float], ...]


_memories: dict[tuple[str, int], _Memory] = {}
_memories_lock = threading.Lock()


def foresee(session: Session, challenge_id: int, player_id: int, page: DbPage) -> Foreseen:
    """How foreseeable an error on this page is, given all that was judged in the challenge and the player's own pages in review."""
    memory = _memory(str(session.get_bind().engine.url), challenge_id)
    row = vectorise([as_page(page)])
    with memory.lock:
        for outcome_id, submission_id, is_error, judged in play.probes_since(
            session, challenge_id, memory.seen
        ):
            memory.model.partial_fit([as_page(judged)], [is_error], ids=[submission_id])
            memory.seen = outcome_id
        known = float(memory.model.foreseeable(row)[0])
        near = memory.model.neighbours(row, k=MOST_NEIGHBOURS)[0]
    own = _own(session, challenge_id, player_id, row)
    return Foreseen(
        max(known, own), tuple((int(str(n.id)), round(n.similarity, 3)) for n in near if n.similarity >= LIKE)
    )


def _own(session: Session, challenge_id: int, player_id: int, row: object) -> float:
    pages = [as_page(page) for _, page in play.own_in_review(session, challenge_id, player_id, MOST_OWN)]
    if not pages:
        return 0.0
    return float(KnownUnknowns().partial_fit(pages, [True] * len(pages)).foreseeable(row)[0])


def _memory(database: str, challenge_id: int) -> _Memory:
    with _memories_lock:
        return _memories.setdefault((database, challenge_id), _Memory())
