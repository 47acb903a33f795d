"""Queries about who is paid through which platform, under which name there."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from btm.rules.payouts import BY_FILE
from btm.store.platforms import PayAddress, pay_addresses
from btm.store.tables import DbAccount


@dataclass(frozen=True, slots=True)
class Payee:
    """Somebody, and how a platform knows them: its ids of worker and assignment (empty where it has none)."""

    account_id: int
    handle: str
    worker: str
    assignment: str = ""


def payees(session: Session, platform: str) -> list[Payee]:
    """Everybody who is paid through a platform, by account id. Who came by several is paid through one of them only; who is paid by
    file is known by their name."""
    rows = session.execute(
        select(DbAccount.id, DbAccount.handle)
        .where(DbAccount.handle.is_not(None), DbAccount.erased_at.is_(None))
        .order_by(DbAccount.id)
    )
    found: list[Payee] = []
    elsewhere = pay_addresses(session)
    for account_id, name in rows:
        handle = str(name)
        address = elsewhere.get(account_id) or PayAddress("local", handle)
        if address.platform != platform:
            continue
        worker, assignment = (handle, "") if platform in BY_FILE else (address.worker, address.assignment)
        found.append(Payee(account_id, handle, worker, assignment))
    return found


def lock_payees(session: Session, account_ids: list[int]) -> set[int]:
    """Hold these accounts until the transaction ends, in the order of their ids, so that nobody takes points back meanwhile. Returns
    those that are still there to be paid."""
    query = (
        select(DbAccount.id)
        .where(DbAccount.id.in_(account_ids), DbAccount.erased_at.is_(None))
        .order_by(DbAccount.id)
    )
    if session.get_bind().dialect.name != "sqlite":
        query = query.with_for_update(key_share=True)
    return set(session.scalars(query))
