"""Telling a challenge's webhooks what happened, in the transaction of what happened. Shared by the services."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from btm.rules.permissions import may_model
from btm.store import people, webhooks
from btm.store.tables_challenges import DbChallenge
from btm.store.tables_webhooks import DbDelivery, DbWebhook
from btm.store.transaction import Session, insert_once


def tell(
    session: Session, challenge: DbChallenge, event: str, key: str, data: Mapping[str, Any], now: datetime
) -> None:
    """Put `event` into the outbox of each webhook that wants it, once for its key. The sweep has it sent."""
    for webhook in webhooks.webhooks_of(session, challenge.id):
        if event in webhook.events and is_kept_by_modeler(session, webhook, challenge.slug):
            put_out(session, webhook, challenge.slug, event, key, data, now)


def is_kept_by_modeler(session: Session, webhook: DbWebhook, slug: str) -> bool:
    """Whether who made a webhook still models its challenge, as the operator always does. Nobody else is told anything."""
    maker = webhook.created_by
    return maker is None or may_model(people.roles_of(session, maker), slug)


def put_out(
    session: Session,
    webhook: DbWebhook,
    slug: str,
    event: str,
    key: str,
    data: Mapping[str, Any],
    now: datetime,
) -> str:
    """Put one thing into one webhook's outbox, once for its key; held while the webhook is paused. Returns its public id."""
    public_id = hashlib.sha256(f"{webhook.public_id} {key}".encode()).hexdigest()[:32]
    told = {
        "id": public_id, "event": event, "challenge": slug, "at": now.isoformat(), "data": dict(data)
    }  # fmt: skip
    values = {
        "public_id": public_id, "webhook_id": webhook.id, "key": key, "event": event, "body": json.dumps(told),
        "state": "waiting", "fence": 0, "tries": 0, "wake_at": None if webhook.paused_at else now,
        "created_at": now, "answer": "",
    }  # fmt: skip
    insert_once(session, DbDelivery, values)
    return public_id
