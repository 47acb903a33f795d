"""Pages that nobody submitted, put up for review: suspects of a scan, or a modeler's import."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from btm.pages.snapshot import SnapshotStore
from btm.rules.errors import Conflict
from btm.services.corpus_views import get_corpus
from btm.services.machines import MachineShelf
from btm.services.near_duplicates import find_repeat
from btm.services.recording import record
from btm.services.scanning import Candidate
from btm.services.taken_down import allowed
from btm.services.unsubmitted import Floats, ask, can_pay, put_up, row_of, shortened
from btm.store import challenges, pool
from btm.store.pool import Verified
from btm.store.tables_challenges import DbChallenge
from btm.store.tables_play import DbPage
from btm.store.transaction import Session, reading, transaction


@dataclass(frozen=True, slots=True)
class Added:
    """How many pages came to the pool; how many were there, or were handed in by players, already; how many the budget does not pay
    judges for."""

    added: int
    known: int
    unpaid: int


def add_pages(
    slug: str,
    pages: Sequence[Candidate],
    *,
    source: str,
    asker_id: int | None,
    shelf: MachineShelf,
    snapshots: SnapshotStore,
    now: datetime,
    limit: int,
) -> Added:
    """Put pages up for review, at most `limit`, in their order; what is at stake with each is its score.

    A page whose text the pool has, that repeats one that a player committed, or that was taken down, is passed over, so doing this twice is the same as
    once. Raises NotFound, Forbidden, Conflict (`machine_away`, `machine_changed`).
    """
    chosen = [_readable(each) for each in pages[:limit]]
    with reading() as session:
        challenge = get_corpus(session, slug, asker_id)
        up = allowed(session, challenge.id, [each.found.page for each in chosen])
    chosen = [chosen[at] for at in up]
    probabilities = ask(challenge, [each.found.page for each in chosen], shelf)
    rows = [row_of(each.found, snapshots, now) for each in chosen]
    with transaction() as session:
        locked = challenges.lock_challenge(session, challenge.id)
        if locked.machine_id != challenge.machine_id:
            raise Conflict(
                "The challenge was given another machine meanwhile. Start again.", code="machine_changed"
            )
        added = _add_all(session, locked, chosen, rows, probabilities, source, now)
        record(
            session, locked, "add_pages", asker_id, now, source=source, added=added.added, known=added.known
        )
        return added


def _readable(candidate: Candidate) -> Candidate:
    """With no more text than judges are shown."""
    found = candidate.found
    return candidate if found.blocks else replace(candidate, found=replace(found, page=shortened(found.page)))


def verified(session: Session, challenge_id: int, *, errors_only: bool = False) -> list[Verified]:
    """The pool's pages that have their verdict: known unknowns that no player found, where the machine was wrong."""
    return pool.verified(session, challenge_id, errors_only=errors_only)


def _add_all(
    session: Session,
    challenge: DbChallenge,
    chosen: Sequence[Candidate],
    rows: Sequence[DbPage],
    probabilities: Floats,
    source: str,
    now: datetime,
) -> Added:
    there = pool.hashes_in_pool(session, challenge.id, {page.content_hash for page in rows})
    clusters = pool.ids_of_clusters(session, challenge.id, {each.cluster for each in chosen})
    added = known = unpaid = 0
    for each, page, belief in zip(chosen, rows, probabilities.tolist(), strict=True):
        if page.content_hash in there or find_repeat(session, challenge.id, page) is not None:
            known += 1
            continue
        if not can_pay(session, challenge, 1):
            unpaid += 1
            continue
        there.add(page.content_hash)
        stake = min(1.0, max(0.0, each.score))
        item_id = put_up(session, challenge, page, belief, origin="pool", stake=stake, now=now)
        values = {
            "challenge_id": challenge.id, "page_id": page.id, "item_id": item_id, "source": source, "score": each.score,
            "cluster_id": clusters.get(each.cluster), "probabilities": belief,
            "assigned": challenge.label_keys[int(np.argmax(belief))], "added_at": now,
        }  # fmt: skip
        added += pool.add_to_pool(session, values)
    return Added(added, known, unpaid)
