"""What is kept about somebody, for themselves: one JSON document."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from btm.store import own_data
from btm.store.transaction import reading


def export_own_data(account_id: int, *, now: datetime) -> str:
    """The document, indented, in UTF-8, with times as ISO 8601. Not in it: which pages were gold, what others said of a page, and how
    much somebody's judgements weigh, since the game would be over with it."""
    with reading() as session:
        found: dict[str, Any] = own_data.read_all(session, account_id)
    document = {"made_at": now, "account": next(iter(found.pop("account")), None), **found}
    return json.dumps(document, indent=2, ensure_ascii=False, default=_plain)


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no place in a JSON document")
