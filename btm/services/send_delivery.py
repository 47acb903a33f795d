"""Send what waits in the outbox: signed, to an address that is guarded like any stranger's, and again later where it fails."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from btm.pages.deliver import deliver
from btm.pages.policy import Policy
from btm.pages.reasons import ReadFailed
from btm.rules.webhooks import next_try, signature
from btm.store import webhooks
from btm.store.transaction import transaction

LEASE = timedelta(minutes=2)


@dataclass(frozen=True)
class DeliveryTools:
    """What deliveries are made with."""

    policy: Policy
    clock: Callable[[], datetime]
    send: Callable[[str, bytes, dict[str, str], Policy], int] = deliver


def send_delivery(delivery_id: int, tools: DeliveryTools) -> None:
    """Try once. Whoever is killed meanwhile is followed by another try: a receiver may be told the same thing twice, under the same
    id, and never not at all."""
    now = tools.clock()
    with transaction() as session:
        taken = webhooks.take_delivery(session, delivery_id, now, now + LEASE)
        if taken is None:
            return
        row, webhook = taken
    body = row.body.encode()
    headers = {
        "Content-Type": "application/json",
        "BTM-Event": row.event,
        "BTM-Delivery": row.public_id,
        "BTM-Signature": signature(webhook.secret, int(now.timestamp()), body),
    }
    is_taken, answer = _try(webhook.url, body, headers, tools)
    again = None if is_taken else next_try(row.tries, tools.clock())
    state = "sent" if is_taken else "waiting" if again else "failed"
    with transaction() as session:
        webhooks.close_try(session, row.id, row.fence, state=state, wake_at=again, answer=answer)


def _try(url: str, body: bytes, headers: dict[str, str], tools: DeliveryTools) -> tuple[bool, str]:
    try:
        status = tools.send(url, body, headers, tools.policy)
    except ReadFailed as error:
        return False, error.sentence
    return 200 <= status < 300, f"answered {status}"
