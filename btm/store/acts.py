"""The record of privileged acts: written in the transaction of the act itself, so that neither is there without the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from btm.store.tables import DbAccount, DbAct


def record_act(
    session: Session,
    verb: str,
    subject: str,
    *,
    actor_id: int | None,
    at: datetime,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Write down that somebody did something. verb: a word or two with underscores, such as "change_rules"; subject:
    "kind:name"; detail: plain JSON values, without secrets."""
    session.add(DbAct(actor_id=actor_id, verb=verb, subject=subject, detail=dict(detail or {}), at=at))


def list_acts(
    session: Session, *, subject: str | None = None, before: int | None = None, limit: int = 50
) -> Sequence[tuple[DbAct, str | None]]:
    """Acts with the names of who did them, newest first; those on one subject, or all; older than the id `before`."""
    query = select(DbAct, DbAccount.handle).outerjoin(DbAccount, DbAccount.id == DbAct.actor_id)
    if subject is not None:
        query = query.where(DbAct.subject == subject)
    if before is not None:
        query = query.where(DbAct.id < before)
    return [(row[0], row[1]) for row in session.execute(query.order_by(DbAct.id.desc()).limit(limit))]


def find_acts(
    session: Session, *, subject: str, verb: str, who: str, before: int | None, limit: int
) -> Sequence[tuple[DbAct, str | None]]:
    """Acts as `list_acts` gives them, by what they were about ("kind:name", or a kind), what was done, and by whom (a handle, or
    "operator"); an empty string leaves that open."""
    query = select(DbAct, DbAccount.handle).outerjoin(DbAccount, DbAccount.id == DbAct.actor_id)
    if subject:
        exact = ":" in subject
        query = query.where(
            DbAct.subject == subject if exact else DbAct.subject.startswith(f"{subject}:", autoescape=True)
        )
    if verb:
        query = query.where(DbAct.verb == verb)
    if who:
        query = query.where(
            DbAct.actor_id.is_(None) if who == "operator" else DbAccount.handle_key == who.casefold()
        )
    if before is not None:
        query = query.where(DbAct.id < before)
    return [(row[0], row[1]) for row in session.execute(query.order_by(DbAct.id.desc()).limit(limit))]
