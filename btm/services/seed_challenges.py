"""Put the machines and challenges that ship with the product into the database."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from btm.rules import money as law
from btm.rules.design import Design
from btm.services.authoring import columns_of
from btm.services.challenge_files import read_challenge_file
from btm.store import challenges, money
from btm.store.acts import record_act
from btm.store.tables_challenges import DbChallenge, DbMachine
from btm.store.transaction import Session, insert_once, transaction
from classifiers import machine as machines

SHIPPED = Path(__file__).resolve().parent.parent / "shipped"


def seed_challenges(*, now: datetime, new_salt: Callable[[], str]) -> list[str]:
    """Add what is not there yet; returns the slugs of the challenges added. Nothing that is there is changed, except that a
    challenge follows its shipped machine to a newer version."""
    added = []
    for path in sorted(SHIPPED.glob("*.yaml")):
        design = read_challenge_file(path.read_bytes())
        with transaction() as session:
            _add_machine(session, design.machine, now)
            if _add(session, design, now, new_salt()):
                added.append(design.slug)
    return added


def _add_machine(session: Session, name: str, now: datetime) -> None:
    machine = machines.load_default(name)
    values = {
        "name": name, "version": machine.version, "kind": "default", "labels": [str(c) for c in machine.classes_],
        "card": dict(machine.card), "created_at": now,
    }  # fmt: skip
    new_id = insert_once(session, DbMachine, values)
    if new_id is not None:
        challenges.follow_machine(session, name, new_id)


def _add(session: Session, design: Design, now: datetime, salt: str) -> bool:
    values = {**columns_of(session, design), "state": "live", "live_at": now, "salt": salt, "created_at": now}
    challenge_id = insert_once(session, DbChallenge, values)
    if challenge_id is None:
        return False
    record_act(
        session,
        "seed_challenge",
        f"challenge:{design.slug}",
        actor_id=None,
        at=now,
        detail={"budget": design.budget},
    )
    entry = law.fund(f"seed:{design.slug}", design.budget, "The budget that the challenge ships with")
    money.post(session, entry, challenge_id=challenge_id, at=now)
    return True
