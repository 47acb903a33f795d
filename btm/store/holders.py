"""Who holds a session's token: asked at every request, so in one statement, built once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, cast

from sqlalchemy import Select, String, Table, bindparam, func, literal, select
from sqlalchemy.orm import Session

from btm.store.database import UtcDateTime
from btm.store.tables import DbAccount, DbEntry, DbRole, DbSession

SESSION, ACCOUNT = cast(Table, DbSession.__table__), cast(Table, DbAccount.__table__)
ROLE, ENTRY = cast(Table, DbRole.__table__), cast(Table, DbEntry.__table__)


@dataclass(frozen=True, slots=True)
class Holder:
    """The account behind a living session; `handle` is None for a visitor, `balance` is in points."""

    account_id: int
    handle: str | None
    seen_at: datetime
    roles: frozenset[str]
    balance: int


def find_holder(session: Session, token_hash: str, now: datetime, *, with_balance: bool) -> Holder | None:
    """Who holds this token, if its session lives. Without their balance it is said to be 0, and their entries are not summed."""
    asked = {"token_hash": token_hash, "asked_at": now}
    rows = session.execute(_holder(with_balance), asked).all()
    if not rows:
        return None
    first = rows[0]
    roles = frozenset(row.role for row in rows if row.role is not None)
    return Holder(first.id, first.handle, first.seen_at, roles, int(first.balance or 0))


@cache
def _holder(with_balance: bool) -> Select[Any]:
    """A row for each role, at least one."""
    total = select(func.sum(ENTRY.c.worker)).where(ENTRY.c.account_id == ACCOUNT.c.id)
    balance = total.correlate(ACCOUNT).scalar_subquery() if with_balance else literal(0)
    token, now = bindparam("token_hash", type_=String), bindparam("asked_at", type_=UtcDateTime)
    return (
        select(ACCOUNT.c.id, ACCOUNT.c.handle, SESSION.c.seen_at, ROLE.c.role, balance.label("balance"))
        .join_from(SESSION, ACCOUNT, ACCOUNT.c.id == SESSION.c.account_id)
        .outerjoin(ROLE, ROLE.c.account_id == ACCOUNT.c.id)
        .where(SESSION.c.token_hash == token, SESSION.c.expires_at > now)
    )
