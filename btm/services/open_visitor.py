"""A stranger probes a page: give them a row to hang it on, until they register."""

from __future__ import annotations

from datetime import datetime

from btm.services.sessions import add_session
from btm.store.tables_people import DbAccount
from btm.store.transaction import transaction


def open_visitor(*, now: datetime, new_token: str, device: str) -> str:
    """Make a visitor with a session; returns the session's token."""
    with transaction() as session:
        visitor = DbAccount(created_at=now)
        session.add(visitor)
        session.flush()
        add_session(session, visitor.id, new_token=new_token, device=device, now=now)
    return new_token
