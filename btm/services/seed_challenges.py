"""Put the machines and challenges that ship with the product into the database."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from btm.rules import money as law
from btm.rules.scoring import check_cost
from btm.rules.settings import rules_from
from btm.store import challenges, money
from btm.store.tables_challenges import DbChallenge, DbMachine
from btm.store.transaction import Session, insert_once, transaction
from classifiers import machine as machines

SHIPPED = Path(__file__).resolve().parent.parent / "shipped"


def seed_challenges(*, now: datetime, new_salt: Callable[[], str]) -> list[str]:
    """Add what is not there yet; returns the slugs of the challenges added. Nothing that is there is changed, except that a
    challenge follows its shipped machine to a newer version."""
    added = []
    for path in sorted(SHIPPED.glob("*.yaml")):
        plain = yaml.safe_load(path.read_text(encoding="utf-8"))
        with transaction() as session:
            machine_id = _machine_id(session, plain["machine"], now)
            if _add(session, plain, machine_id, now, new_salt()):
                added.append(plain["slug"])
    return added


def _machine_id(session: Session, name: str, now: datetime) -> int:
    machine = machines.load_default(name)
    values = {
        "name": name, "version": machine.version, "kind": "default", "labels": [str(c) for c in machine.classes_],
        "card": dict(machine.card), "created_at": now,
    }  # fmt: skip
    new_id = insert_once(session, DbMachine, values)
    if new_id is None:
        row = challenges.find_machine(session, name, machine.version)
        if row is None:
            raise LookupError(f"machine {name} {machine.version} is there, and cannot be found")
        return row.id
    challenges.follow_machine(session, name, new_id)
    return new_id


def _add(session: Session, plain: dict[str, Any], machine_id: int, now: datetime, salt: str) -> bool:
    rules_from(plain.get("rules", {}))
    check_cost(plain["cost"], len(plain["labels"]))
    values = {
        "slug": plain["slug"], "topic": plain["topic"], "title": plain["title"], "sought": plain["sought"], "mode": "beat", "state": "live",
        "is_harmful": plain["harmful"], "labels": plain["labels"], "target": plain["target"], "cost": plain["cost"],
        "brief": plain["brief"], "qualification": plain["qualification"], "rules": plain.get("rules", {}),
        "machine_id": machine_id, "salt": salt, "created_at": now,
    }  # fmt: skip
    challenge_id = insert_once(session, DbChallenge, values)
    if challenge_id is None:
        return False
    entry = law.fund(f"seed:{plain['slug']}", plain["budget"], "The budget that the challenge ships with")
    money.post(session, entry, challenge_id=challenge_id, at=now)
    return True
