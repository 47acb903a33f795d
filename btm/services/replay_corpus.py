"""Ask a version about every verified error of a challenge, and let the clusters live on. Shared by the services: it is done in the
background, may be done twice, and may be interrupted at any point."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import numpy as np

from btm.rules.errors import Conflict
from btm.rules.rounds import life
from btm.rules.scoring import severity
from btm.services.machines import MachineShelf, as_page
from btm.store import challenges, clusters, rounds
from btm.store.tables_challenges import DbChallenge, DbMachine
from btm.store.tables_corpus import DbRound
from btm.store.tables_play import DbPage
from btm.store.tables_review import DbOutcome
from btm.store.transaction import Session, reading, transaction
from classifiers.errors import MachineError

BATCH = 64


def replay_corpus(
    challenge_id: int,
    machine_id: int,
    *,
    shelf: MachineShelf,
    clock: Callable[[], datetime],
    tell: Callable[[float, str], None] = lambda share, word: None,
) -> int:
    """Write what the version says of each find that it was not asked about yet, a batch a transaction; then, if it is the one that
    plays, the clusters' states in one. Returns how many finds it was asked about. Raises Conflict where it does not answer."""
    with reading() as session:
        challenge = session.get_one(DbChallenge, challenge_id)
        row = session.get_one(DbMachine, machine_id)
        left = rounds.count_to_replay(session, challenge_id, machine_id)
    done = after = 0
    while True:
        with reading() as session:
            batch = rounds.to_replay(session, challenge_id, machine_id, after, BATCH)
        if not batch:
            break
        values = _ask(challenge, row, batch, shelf, clock())
        with transaction() as session:
            for each in values:
                rounds.put_replay(session, each)
        done, after = done + len(batch), batch[-1][0].id
        tell(min(1.0, done / max(left, done)), f"{done:,} finds replayed")
    with transaction() as session:
        _live_on(session, challenge_id, machine_id, clock())
    return done


def _ask(
    challenge: DbChallenge,
    row: DbMachine,
    batch: list[tuple[DbOutcome, DbPage]],
    shelf: MachineShelf,
    now: datetime,
) -> list[dict[str, Any]]:
    keys = challenge.label_keys
    try:
        machine = shelf.get(row)
        answer = machine.predict_proba([as_page(page) for _, page in batch])
        answer = answer[:, [list(machine.classes_).index(key) for key in keys]]
    except MachineError as error:
        raise Conflict(
            f"{error} The corpus is replayed in part. Activate the version again to go on.",
            code="machine_away",
        ) from error
    return [
        _values(challenge, row.id, outcome, p, now) for (outcome, _), p in zip(batch, answer, strict=True)
    ]


def _values(
    challenge: DbChallenge, machine_id: int, outcome: DbOutcome, p: np.ndarray, now: datetime
) -> dict[str, Any]:
    keys = challenge.label_keys
    assigned = keys[int(p.argmax())]
    return {
        "machine_id": machine_id, "submission_id": outcome.submission_id, "assigned": assigned,
        "probabilities": p.tolist(), "is_wrong": assigned != outcome.truth,
        "severity": severity(p, keys.index(outcome.truth), challenge.cost), "replayed_at": max(now, outcome.settled_at),
    }  # fmt: skip


def _live_on(session: Session, challenge_id: int, machine_id: int, now: datetime) -> None:
    """The clusters' states by what the version says, and in its round which of them it closed and which it opened again. A version
    that does not play any more changes nothing."""
    challenge = challenges.lock_challenge(session, challenge_id)
    if challenge.machine_id != machine_id:
        return
    tallies = rounds.tallies(session, challenge_id, machine_id)
    moved: dict[str, set[str]] = {"fixed": set(), "regressed": set()}
    is_fixed: set[str] = set()
    for cluster in clusters.clusters_of(session, challenge_id):
        state = life(cluster.state, *tallies.get(cluster.id, (0, 0)))
        if state != cluster.state:
            cluster.state = state
            moved[state].add(cluster.public_id)
        if state == "fixed":
            is_fixed.add(cluster.public_id)
    if made := rounds.round_that_plays(session, challenge_id, machine_id):
        _note(made, moved, is_fixed, now)


def _note(made: DbRound, moved: dict[str, set[str]], is_fixed: set[str], now: datetime) -> None:
    before = made.report.get("replay", {})
    closed = (set(before.get("closed", ())) | moved["fixed"]) & is_fixed
    opened = (set(before.get("regressed", ())) | moved["regressed"]) - is_fixed
    replay = {"closed": sorted(closed), "regressed": sorted(opened), "at": now.isoformat()}
    made.report = {**made.report, "replay": replay}
