"""Change one's password, which signs every other browser out."""

from __future__ import annotations

from datetime import datetime

from btm.rules.errors import Invalid, NotFound
from btm.rules.people import check_password
from btm.services.passwords import hash_password, matches, token_hash
from btm.store import people
from btm.store.transaction import reading, transaction


def change_password(account_id: int, old: str, new: str, *, keep_token: str, now: datetime) -> None:
    """Raises Invalid (field `old` or `password`). The session of `keep_token` stays, all others end."""
    with reading() as session:
        account = people.find_account(session, account_id)
    if account is None or account.handle is None:
        raise NotFound("There is no such account.")
    if not matches(account.password_hash, old):
        raise Invalid("That is not your present password.", field="old")
    password_hash = hash_password(check_password(new, account.handle))
    with transaction() as session:
        people.set_password(session, account_id, password_hash)
        people.end_sessions(session, account_id, but_hash=token_hash(keep_token))
