"""Send what waits in the outbox: signed, to an address that is guarded like any stranger's, and again later where it fails."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from btm.pages.deliver import deliver
from btm.pages.policy import Policy
from btm.pages.reasons import ReadFailed
from btm.rules.errors import NotFound
from btm.rules.webhooks import TEST, next_try, signature
from btm.services.modelling import get_modelled
from btm.services.telling import is_kept_by_modeler
from btm.store import webhooks
from btm.store.tables_challenges import DbChallenge
from btm.store.transaction import reading, transaction

LEASE = timedelta(minutes=2)
STOPPED = "Who made this webhook models the challenge no more"


@dataclass(frozen=True)
class DeliveryTools:
    """What deliveries are made with."""

    policy: Policy
    clock: Callable[[], datetime]
    send: Callable[[str, bytes, dict[str, str], Policy], int] = deliver


def send_delivery(delivery_id: int, tools: DeliveryTools) -> None:
    """Try once, where who made the webhook still models the challenge. Whoever is killed meanwhile is followed by another try: a receiver may be told the same thing twice, under the same
    id, and never not at all."""
    now = tools.clock()
    with transaction() as session:
        taken = webhooks.take_delivery(session, delivery_id, now, now + LEASE)
        if taken is None:
            return
        row, webhook = taken
        challenge = session.get_one(DbChallenge, webhook.challenge_id)
        if not is_kept_by_modeler(session, webhook, challenge.slug):
            webhooks.close_try(session, row.id, row.fence, state="failed", wake_at=None, answer=STOPPED)
            return
    body = row.body.encode()
    headers = {
        "Content-Type": "application/json",
        "BTM-Event": row.event,
        "BTM-Delivery": row.public_id,
        "BTM-Signature": signature(webhook.secret, int(now.timestamp()), body),
    }
    is_taken, answer = _try(webhook.url, body, headers, tools)
    again = None if is_taken or row.event == TEST else next_try(row.tries, tools.clock())
    state = "sent" if is_taken else "waiting" if again else "failed"
    with transaction() as session:
        webhooks.close_try(session, row.id, row.fence, state=state, wake_at=again, answer=answer)


def send_named(
    slug: str, webhook_id: str, delivery_id: str, tools: DeliveryTools, *, asker_id: int | None
) -> None:
    """Send a delivery that is named as pages and API name it, from here and now. Raises NotFound, Forbidden."""
    with reading() as session:
        challenge = get_modelled(session, slug, asker_id, drafts=True)
        webhook = webhooks.find_webhook(session, challenge.id, webhook_id)
        row = webhooks.find_delivery(session, webhook.id, delivery_id) if webhook else None
        if row is None:
            raise NotFound("There is no such delivery.")
        row_id = row.id
    send_delivery(row_id, tools)


def _try(url: str, body: bytes, headers: dict[str, str], tools: DeliveryTools) -> tuple[bool, str]:
    try:
        status = tools.send(url, body, headers, tools.policy)
    except ReadFailed as error:
        return False, error.sentence
    return 200 <= status < 300, f"answered {status}"
