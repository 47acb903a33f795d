"""Give people roles and qualifications from the command line."""

from __future__ import annotations

from datetime import datetime

from btm.rules.errors import Invalid, NotFound
from btm.rules.people import check_password, handle_key
from btm.services.finding import get_challenge
from btm.services.passwords import hash_password
from btm.store import people, tokens
from btm.store.acts import record_act
from btm.store.tables_people import DbAccount, DbQualification, DbRole
from btm.store.transaction import Session, insert_once, reading, transaction

ROLES = ("modeler", "admin")


def make_first_admin(handle: str, password: str, *, now: datetime) -> bool:
    """Make an admin where there is none yet. Returns whether one was made."""
    with reading() as session:
        if people.any_admin(session):
            return False
    values = {
        "handle": handle, "handle_key": handle_key(handle), "password_hash": hash_password(password),
        "created_at": now,
    }  # fmt: skip
    with transaction() as session:
        if people.any_admin(session):
            return False
        account_id = insert_once(session, DbAccount, values)
        if account_id is None:
            return False
        insert_once(
            session, DbRole, {"account_id": account_id, "role": "admin", "scope": "", "granted_at": now}
        )
        _record(session, "make_first_admin", handle, now)
        return True


def grant_role(handle: str, role: str, *, slug: str = "", now: datetime) -> None:
    """Make somebody a modeler (of one challenge, or of all) or an admin. Doing it twice is the same as once."""
    if role not in ROLES:
        raise Invalid(f"{role!r} is no role. The roles are: {', '.join(ROLES)}.", field="role")
    with transaction() as session:
        account = _get(session, handle)
        scope = get_challenge(session, slug).slug if slug else ""
        values = {"account_id": account.id, "role": role, "scope": scope, "granted_at": now}
        if insert_once(session, DbRole, values) is not None:
            _record(session, "grant_role", account.handle or "", now, role=role, scope=scope)


def qualify_account(handle: str, slug: str, *, now: datetime) -> None:
    """Let somebody judge a challenge without its test."""
    with transaction() as session:
        account, challenge = _get(session, handle), get_challenge(session, slug)
        if not people.is_qualified(session, account.id, challenge.id):
            session.add(
                DbQualification(
                    account_id=account.id,
                    challenge_id=challenge.id,
                    right=0,
                    asked=0,
                    passed=True,
                    taken_at=now,
                )
            )
            _record(session, "qualify_account", account.handle or "", now, challenge=challenge.slug)


def reset_password(handle: str, password: str, *, now: datetime) -> None:
    """Give somebody a new password, sign them out everywhere, and revoke their tokens."""
    with reading() as session:
        account = _get(session, handle)
    new_hash = hash_password(check_password(password, account.handle or ""))
    with transaction() as session:
        people.set_password(session, account.id, new_hash)
        people.end_sessions(session, account.id)
        tokens.end_tokens(session, account.id)
        _record(session, "reset_password", account.handle or "", now)


def _record(session: Session, verb: str, handle: str, now: datetime, **detail: str) -> None:
    record_act(session, verb, f"account:{handle}", actor_id=None, at=now, detail=detail)


def _get(session: Session, handle: str) -> DbAccount:
    account = people.find_by_handle(session, handle_key(handle.strip()))
    if account is None:
        raise NotFound(f"There is no account named {handle!r}.")
    return account
