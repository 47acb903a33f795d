"""Privileged acts about a challenge or a machine, put on record in the transaction of the act. Shared by the services."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from btm.store import acts
from btm.store.tables_challenges import DbChallenge, DbMachine
from btm.store.transaction import Session


def record(
    session: Session, challenge: DbChallenge, verb: str, asker_id: int | None, now: datetime, **detail: Any
) -> None:
    """Write down what somebody did to a challenge or to something of it, which `detail` names. asker_id: None for the operator."""
    acts.record_act(session, verb, f"challenge:{challenge.slug}", actor_id=asker_id, at=now, detail=detail)


def record_machine(
    session: Session, row: DbMachine, verb: str, asker_id: int | None, now: datetime, **detail: Any
) -> None:
    """The same for a machine's version, which may be of no challenge."""
    detail = {"version": row.version, "kind": row.kind} | detail
    acts.record_act(session, verb, f"machine:{row.name}", actor_id=asker_id, at=now, detail=detail)
