"""The core of an audit: ask the machine about a whole pool, and put a stratified draw of it up for review. Shared by the services that
do it now and in the background.

May be done twice, or be killed at any point: the draw follows from the audit's name, and everything is written in one transaction.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from btm.pages.snapshot import SnapshotStore
from btm.rules import audit as law
from btm.rules.errors import Conflict, Invalid
from btm.services.finding import get_machine
from btm.services.item_promises import price_of
from btm.services.machines import MachineShelf
from btm.services.modelling import get_modelled
from btm.services.recording import record
from btm.services.taken_down import allowed
from btm.services.unsubmitted import Floats, Found, Progress, ask, can_pay, put_up, row_of, shortened
from btm.store import audits, challenges, money
from btm.store.tables_challenges import DbChallenge
from btm.store.tables_corpus import DbAudit, DbAuditPage
from btm.store.tables_play import DbPage
from btm.store.transaction import Session, insert_once, reading, transaction
from classifiers.page import Page

MOST_WANTED = 2000
MOST_BINS = 50
SOME_STAKE = 0.25
"""Every page of an audit counts the same: what is at stake with it says nothing of the page."""


@dataclass(frozen=True, slots=True)
class _Drawn:
    """A page that was drawn: its place in the pool, its bin, and the share of the pool that it stands for."""

    place: int
    bin: int
    weight: float


@dataclass(frozen=True, slots=True)
class _Sample:
    """The bins as they are kept ({low, high, pool, drawn} each), and the pages drawn from them."""

    strata: list[dict[str, Any]]
    drawn: list[_Drawn]


def check_affordable(slug: str, wanted: int, bins: int, asker_id: int | None) -> None:
    """Raises NotFound, Forbidden, Invalid (field `wanted` or `bins`), and Conflict: `no_machine`, and `budget_spent` where the free budget does
    not hold every judgement that so many pages may need."""
    if not 1 <= bins <= MOST_BINS:
        raise Invalid(f"An audit has 1 to {MOST_BINS} bins.", field="bins")
    if not bins <= wanted <= MOST_WANTED:
        raise Invalid(f"An audit draws from {bins} (one a bin) to {MOST_WANTED:,} pages.", field="wanted")
    with reading() as session:
        challenge = get_modelled(session, slug, asker_id)
        get_machine(challenge)
        _check_budget(session, challenge, wanted)


def draw_audit(
    slug: str,
    pages: Sequence[Page],
    *,
    public_id: str,
    bins: int,
    wanted: int,
    data_name: str,
    asker_id: int | None,
    shelf: MachineShelf,
    snapshots: SnapshotStore,
    now: datetime,
    progress: Progress | None = None,
    is_held: Callable[[Session], bool] = lambda session: True,
) -> int:
    """Cut a pool into `bins` of equal width by expected cost, draw `wanted` pages, as many from each, and put them up for review.

    public_id: names the audit; the second time that it is used nothing is done. is_held: asked before anything is written. Returns
    how many pages the audit has. Raises NotFound, Forbidden, Invalid, Conflict (`machine_away`, `budget_spent`, `machine_changed`).
    """
    with reading() as session:
        challenge = get_modelled(session, slug, asker_id)
        done = audits.find_audit(session, challenge.id, public_id)
        if done is not None:
            return audits.count_pages(session, done.id)
    if not pages:
        raise Invalid("There is no usable row to inspect.", field="data")
    with reading() as session:
        up = allowed(session, challenge.id, pages)
    pool = [shortened(pages[at]) for at in up]
    probabilities = ask(challenge, pool, shelf, progress)
    costs = law.expected_costs(probabilities, challenge.cost)
    sample = _sample(challenge, costs, bins, wanted, public_id)
    rows = [row_of(Found(pool[each.place]), snapshots, now) for each in sample.drawn]
    values = {
        "public_id": public_id, "challenge_id": challenge.id, "machine_id": challenge.machine_id, "data": data_name[:200],
        "wanted": wanted, "pool": len(pool), "strata": sample.strata, "state": "judging", "created_by": asker_id,
        "created_at": now,
    }  # fmt: skip
    with transaction() as session:
        locked = challenges.lock_challenge(session, challenge.id)
        if not is_held(session):
            return 0
        if locked.machine_id != challenge.machine_id:
            raise Conflict(
                "The challenge was given another machine meanwhile. Start again.", code="machine_changed"
            )
        _check_budget(session, locked, len(rows))
        audit_id = insert_once(session, DbAudit, values)
        if audit_id is not None:
            _put_up_all(session, locked, audit_id, sample.drawn, rows, probabilities, costs, now)
            record(session, locked, "draw_audit", asker_id, now, audit=public_id, pages=len(rows))
    return len(rows)


def _sample(challenge: DbChallenge, costs: Floats, bins: int, wanted: int, public_id: str) -> _Sample:
    """The draw. Its dice are the challenge's salt and the audit's name: the same again, and foreseen by nobody."""
    cut = law.bins(costs, bins)
    counts = np.bincount(cut.indices, minlength=bins).tolist()
    allocation = law.allocate(counts, wanted)
    seed = hashlib.sha256(f"{challenge.salt}:{public_id}".encode()).digest()
    chosen = law.draw(cut.indices, allocation, np.random.default_rng(int.from_bytes(seed)))
    drawn = [
        _Drawn(place, number, counts[number] / len(costs) / len(places))
        for number, places in enumerate(chosen)
        for place in places
    ]
    strata = [
        {"low": float(low), "high": float(high), "pool": count, "drawn": number}
        for low, high, count, number in zip(cut.edges[:-1], cut.edges[1:], counts, allocation, strict=True)
    ]
    return _Sample(strata, drawn)


def _put_up_all(
    session: Session,
    challenge: DbChallenge,
    audit_id: int,
    drawn: Sequence[_Drawn],
    rows: Sequence[DbPage],
    probabilities: Floats,
    costs: Floats,
    now: datetime,
) -> None:
    for each, page in zip(drawn, rows, strict=True):
        belief = probabilities[each.place].tolist()
        item_id = put_up(session, challenge, page, belief, origin="audit", stake=SOME_STAKE, now=now)
        values = {
            "audit_id": audit_id, "page_id": page.id, "item_id": item_id, "bin": each.bin,
            "expected_cost": float(costs[each.place]), "probabilities": belief,
            "assigned": challenge.label_keys[int(np.argmax(belief))], "weight": each.weight,
        }  # fmt: skip
        insert_once(session, DbAuditPage, values)


def _check_budget(session: Session, challenge: DbChallenge, pages: int) -> None:
    if can_pay(session, challenge, pages):
        return
    needed, free = pages * price_of(challenge.law), money.free_budget(session, challenge.id)
    raise Conflict(
        f"Judging {pages:,} pages may cost {needed:,} points, and {max(0, free):,} are free. Draw fewer pages, or fund the challenge.",
        code="budget_spent",
    )
