"""Log in. Whatever is wrong, the answer is the same sentence after the same time."""

from __future__ import annotations

from datetime import datetime

from btm.rules.errors import Forbidden
from btm.rules.people import handle_key
from btm.rules.submissions import ON_THE_WAY
from btm.services.passwords import hash_password, hasher, matches
from btm.services.sessions import add_session
from btm.store import people
from btm.store.transaction import reading, transaction


def log_in(
    handle: str, password: str, *, visitor_id: int | None, new_token: str, device: str, now: datetime
) -> str:
    """Sign in; returns the session's token. Raises Forbidden (`bad_credentials`).

    What a visitor probed in this browser comes along, except what the account is already probing itself.
    """
    with reading() as session:
        account = people.find_by_handle(session, handle_key(handle.strip()))
    if not matches(account.password_hash if account else None, password) or account is None:
        raise Forbidden(
            "Name and password do not go together. Check both and try again.", code="bad_credentials"
        )
    stale = hasher.check_needs_rehash(account.password_hash or "")
    new_hash = hash_password(password) if stale else None
    with transaction() as session:
        if visitor_id is not None and visitor_id != account.id:
            clashes = people.clashing_submissions(session, visitor_id, account.id, ON_THE_WAY)
            people.move_submissions(session, visitor_id, account.id, keep=clashes)
        if new_hash:
            people.set_password(session, account.id, new_hash)
        add_session(session, account.id, new_token=new_token, device=device, now=now)
    return new_token
