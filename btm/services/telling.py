"""Telling a challenge's webhooks what happened, in the transaction of what happened. Shared by the services."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from btm.store import webhooks
from btm.store.tables_challenges import DbChallenge
from btm.store.tables_webhooks import DbDelivery
from btm.store.transaction import Session, insert_once


def tell(
    session: Session, challenge: DbChallenge, event: str, key: str, data: Mapping[str, Any], now: datetime
) -> None:
    """Put `event` into the outbox of each webhook that wants it, once for its key. The sweep has it sent."""
    for webhook in webhooks.webhooks_of(session, challenge.id):
        if event in webhook.events:
            public_id = hashlib.sha256(f"{webhook.public_id} {key}".encode()).hexdigest()[:32]
            told = {
                "id": public_id, "event": event, "challenge": challenge.slug, "at": now.isoformat(), "data": dict(data)
            }  # fmt: skip
            values = {
                "public_id": public_id, "webhook_id": webhook.id, "key": key, "event": event, "body": json.dumps(told),
                "state": "waiting", "fence": 0, "tries": 0, "wake_at": now, "created_at": now, "answer": "",
            }  # fmt: skip
            insert_once(session, DbDelivery, values)
