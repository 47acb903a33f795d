"""Remember, as a keyed hash only, from where and with what somebody signs in: two accounts that share it may be one person."""

from __future__ import annotations

from datetime import datetime

from btm.store import people
from btm.store.tables_judges import DbFingerprint
from btm.store.transaction import insert_once, transaction


def note_device(account_id: int, *, fingerprint: str, now: datetime) -> None:
    """Note that the account was used with this fingerprint. The sweep forgets what was not seen for long."""
    with transaction() as session:
        values = {"account_id": account_id, "value": fingerprint, "seen_at": now}
        if insert_once(session, DbFingerprint, values) is None:
            people.see_fingerprint(session, account_id, fingerprint, now)
