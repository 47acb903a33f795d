"""Queries about who is paid through which platform, under which name there."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from btm.store.platforms import pay_addresses
from btm.store.tables import DbAccount


@dataclass(frozen=True, slots=True)
class Payee:
    """Somebody as a platform knows them: its ids of worker and assignment (empty where it has none)."""

    account_id: int
    worker: str
    assignment: str = ""


def payees(session: Session, platform: str) -> list[Payee]:
    """Everybody who is paid through a platform, by account id. Who came by several is paid through one of them only."""
    rows = session.execute(
        select(DbAccount.id, DbAccount.handle)
        .where(DbAccount.handle.is_not(None), DbAccount.erased_at.is_(None))
        .order_by(DbAccount.id)
    ).all()
    found: list[Payee] = []
    elsewhere = pay_addresses(session)
    for account_id, handle in rows:
        address = elsewhere.get(account_id)
        if (address.platform if address else "local") != platform:
            continue
        by_file = address is None or platform == "link"
        found.append(
            Payee(account_id, str(handle))
            if by_file or address is None
            else Payee(account_id, address.worker, address.assignment)
        )
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
