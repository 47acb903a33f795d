"""A modeler's pool: pages with noisy labels or none, kept, ordered by where a label pays most, and put up for judgement.

Shared by the services.

The labels that came with a page count in the order only, one each, as the published scores have it: nobody knows who gave them, so
they are no judgements, teach nothing of any judge, and never make a verdict.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from btm.pages.snapshot import SnapshotStore
from btm.rules import repeated_labelling as law
from btm.services.item_promises import price_of, promise_item
from btm.services.jury import SOME_STAKE, jury_of, open_item
from btm.services.machines import MachineShelf
from btm.services.modelling import get_modelled
from btm.services.near_duplicates import find_repeat
from btm.services.presenting import verdict_deadline
from btm.services.read_labelled import LabelledPage, Progress
from btm.services.recording import record
from btm.services.taken_down import allowed
from btm.services.unsubmitted import Found, ask, row_of, shortened
from btm.store import challenges, imported, money, pool
from btm.store.tables_challenges import DbChallenge
from btm.store.transaction import Session, reading, transaction

BATCH = 100
MOST_ROWS = 100_000


@dataclass(frozen=True, slots=True)
class Pooled:
    """How many pages came to the pool, how many were there (or were handed in by players) already, and how many were put up."""

    added: int
    known: int
    put_up: int


def keep_rows(
    slug: str,
    rows: Sequence[LabelledPage],
    *,
    ranking: str,
    most: int,
    asker_id: int | None,
    shelf: MachineShelf,
    snapshots: SnapshotStore,
    now: datetime,
    progress: Progress | None = None,
    is_held: Callable[[Session], bool] = lambda session: True,
) -> Pooled | None:
    """Keep pages, and put up those where a label pays most, at most `most`. Doing it twice, or again after being killed, adds nothing.

    is_held: asked before each part is written; None is returned where it says no. Raises NotFound, Forbidden, and Conflict
    (`machine_away`).
    """
    with reading() as session:
        challenge = get_modelled(session, slug, asker_id)
    say = progress or (lambda share, word: None)
    added = known = 0
    for start in range(0, len(rows), BATCH):
        part = _Part(challenge, rows[start : start + BATCH], ranking, shelf, snapshots, now)
        with transaction() as session:
            locked = challenges.lock_challenge(session, challenge.id)
            if not is_held(session):
                return None
            fresh = part.write(session, locked)
        added, known = added + fresh, known + part.read - fresh
        say((start + BATCH) / (len(rows) + BATCH), f"{start + part.read:,} of {len(rows):,} pages kept")
    with transaction() as session:
        locked = challenges.lock_challenge(session, challenge.id)
        if not is_held(session):
            return None
        count = put_up_best(session, locked, ranking, most, now)
        record(session, locked, "import_pool", asker_id, now, added=added, known=known, put_up=count)
    return Pooled(added, known, count)


class _Part:
    """Some rows, asked about and made pages outside of any transaction."""

    def __init__(
        self, challenge: DbChallenge, rows: Sequence[LabelledPage], ranking: str, shelf: MachineShelf,
        snapshots: SnapshotStore, now: datetime,
    ) -> None:  # fmt: skip
        self.read, self.ranking, self.now = len(rows), ranking, now
        with reading() as session:
            up = allowed(session, challenge.id, [row.page for row in rows])
        self.rows = rows = [rows[at] for at in up]
        texts = [shortened(row.page) for row in rows]
        self.beliefs = ask(challenge, texts, shelf).tolist() if challenge.machine else [[] for _ in rows]
        self.pages = [row_of(Found(text), snapshots, now) for text in texts]

    def write(self, session: Session, challenge: DbChallenge) -> int:
        """Write those that are new; returns how many. Under the challenge's lock."""
        there = pool.hashes_in_pool(session, challenge.id, {page.content_hash for page in self.pages})
        fresh = 0
        for row, page, belief in zip(self.rows, self.pages, self.beliefs, strict=True):
            if page.content_hash in there or find_repeat(session, challenge.id, page) is not None:
                continue
            there.add(page.content_hash)
            session.add(page)
            session.flush()
            given = Counter(row.given)
            model = law.model_uncertainty(belief) if belief else None
            counts = [given[key] for key in challenge.label_keys]
            fresh += pool.add_to_pool(session, {
                "challenge_id": challenge.id, "page_id": page.id, "source": imported.SOURCE, "name": row.name,
                "given": dict(given), "model_uncertainty": model, "score": law.score(self.ranking, counts, model),
                "probabilities": belief, "assigned": challenge.label_keys[int(np.argmax(belief))] if belief else "",
                "added_at": self.now,
            })  # fmt: skip
        return fresh


def put_up_best(session: Session, challenge: DbChallenge, ranking: str, most: int, now: datetime) -> int:
    """Put up the pages where a label pays most, as many as are asked for and the free budget pays judges for. Returns how many.
    Under the challenge's lock."""
    price = price_of(challenge.law)
    affordable = max(0, money.free_budget(session, challenge.id)) // price if price else most
    labels = jury_of(session, challenge).labels
    count = 0
    for row, page in imported.waiting(session, challenge.id, min(most, affordable)):
        values = {
            "public_id": random.Random(f"{challenge.salt}:pool:{page.id}").randbytes(8).hex(), "page_id": page.id,
            "origin": "pool", "deadline_at": verdict_deadline(challenge, now), "stake": SOME_STAKE,
            "given": [row.given.get(key, 0) for key in labels], "ranked_by": ranking if row.probabilities else law.LU,
            "model_uncertainty": row.model_uncertainty if row.model_uncertainty is not None else 1.0,
        }  # fmt: skip
        item_id = open_item(session, challenge, values, now)
        if item_id is not None:
            promise_item(session, item_id, challenge.id, price, now)
            imported.put_up(session, row.id, item_id)
            count += 1
    return count
