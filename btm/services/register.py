"""Make an account. A visitor's row becomes the account, and so keeps what was probed."""

from __future__ import annotations

from datetime import datetime

from btm.rules.errors import Invalid
from btm.rules.people import check_handle, check_password, handle_key
from btm.services.passwords import hash_password
from btm.store import people
from btm.store.tables_people import DbAccount
from btm.store.transaction import insert_once, transaction


def register(handle: str, password: str, *, visitor_id: int | None, now: datetime) -> int:
    """Returns the account's id. Raises Invalid (field `handle` or `password`).

    Names are public (the leaderboard shows them), so that one is taken is no secret; logging in tells nothing.
    """
    name = check_handle(handle)
    password_hash = hash_password(check_password(password, name))
    taken = Invalid("That name is not available. Pick another one.", field="handle", code="handle_taken")
    with transaction() as session:
        if visitor_id is not None:
            visitor = people.find_account(session, visitor_id)
            if visitor is not None and visitor.handle is None:
                if not people.name_account(session, visitor_id, name, handle_key(name), password_hash):
                    raise taken
                return visitor_id
        values = {
            "handle": name,
            "handle_key": handle_key(name),
            "password_hash": password_hash,
            "created_at": now,
        }
        account_id = insert_once(session, DbAccount, values)
        if account_id is None:
            raise taken
        return account_id
