"""Signed-in browsers: start, recognise, list, end. A session is a row, so that ending it ends every copy of its cookie."""

from __future__ import annotations

from datetime import datetime, timedelta

from btm.services.passwords import token_hash
from btm.services.views_people import AccountView, SessionView
from btm.store import holders, people
from btm.store.tables_people import DbSession
from btm.store.transaction import Session, reading, transaction

LIFETIME = timedelta(days=30)
SEEN_EVERY = timedelta(minutes=10)


def find_account(token: str, *, now: datetime, with_balance: bool = True) -> AccountView | None:
    """Who holds this token, or None where its session has ended. Without the balance, which costs the more the more somebody
    earned, it is said to be 0."""
    with reading() as session:
        holder = holders.find_holder(session, token_hash(token), now, with_balance=with_balance)
    if holder is None:
        return None
    if now - holder.seen_at > SEEN_EVERY:
        _touch(token, now)
    return AccountView(
        id=holder.account_id,
        handle=holder.handle or "",
        is_visitor=holder.handle is None,
        is_modeler=bool(holder.roles & {"modeler", "admin"}),
        is_admin="admin" in holder.roles,
        balance=holder.balance,
    )


def _touch(token: str, now: datetime) -> None:
    with transaction() as session:
        row = people.find_session(session, token_hash(token), now)
        if row is not None:
            row.seen_at, row.expires_at = now, now + LIFETIME


def start_session(account_id: int, *, new_token: str, device: str, now: datetime) -> None:
    """Sign a browser in."""
    with transaction() as session:
        add_session(session, account_id, new_token=new_token, device=device, now=now)


def add_session(session: Session, account_id: int, *, new_token: str, device: str, now: datetime) -> None:
    """The row of a new session, inside somebody's transaction."""
    session.add(
        DbSession(
            token_hash=token_hash(new_token),
            account_id=account_id,
            device=device[:200],
            created_at=now,
            seen_at=now,
            expires_at=now + LIFETIME,
        )
    )


def log_out(token: str) -> None:
    """End a session; every copy of its cookie is worthless from now on."""
    with transaction() as session:
        people.end_session(session, token_hash(token))


def list_sessions(account_id: int, token: str, *, now: datetime) -> list[SessionView]:
    """Where somebody is signed in, the latest used first."""
    with reading() as session:
        return [
            SessionView(row.id, row.device, row.created_at, row.seen_at, row.token_hash == token_hash(token))
            for row in people.sessions_of(session, account_id, now)
        ]


def revoke_session(account_id: int, session_id: int) -> None:
    """End one of one's own sessions. No effect where it has ended, is another's, or never was."""
    if not 0 < session_id < 2**63:
        return
    with transaction() as session:
        people.end_sessions(session, account_id, only=session_id)
