"""A challenge's webhooks, for its modelers: make, list, take away, see what was told, and tell it again."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from btm.pages.guard import check_form
from btm.pages.policy import Policy
from btm.pages.reasons import ReadFailed
from btm.rules.errors import Conflict, Invalid, NotFound
from btm.rules.webhooks import MOST_WEBHOOKS, check_events
from btm.services.cursors import read_cursor
from btm.services.modelling import get_modelled
from btm.services.recording import record
from btm.services.views_webhooks import DeliveryView, WebhookView
from btm.store import challenges, webhooks
from btm.store.tables_webhooks import DbDelivery, DbWebhook
from btm.store.transaction import Session, reading, transaction

LONGEST_URL = 2000


def make_webhook(
    slug: str,
    url: str,
    events: Collection[str],
    *,
    policy: Policy,
    asker_id: int | None,
    now: datetime,
    new_id: str,
    secret: str,
) -> WebhookView:
    """policy: what may be fetched, and so told, from here. The answer is the only one that holds the secret.

    Raises NotFound, Forbidden, Invalid (field `url` or `events`), and Conflict (`too_many_webhooks`).
    """
    wanted = check_events(events)
    try:
        address = check_form(url, policy).url
    except ReadFailed as error:
        raise Invalid(error.sentence, field="url", code=error.code) from error
    if len(address) > LONGEST_URL:
        raise Invalid("This address is too long.", field="url")
    with transaction() as session:
        challenge = challenges.lock_challenge(session, get_modelled(session, slug, asker_id, drafts=True).id)
        if len(webhooks.webhooks_of(session, challenge.id)) >= MOST_WEBHOOKS:
            raise Conflict(
                f"A challenge has at most {MOST_WEBHOOKS} webhooks. Take one away first.",
                code="too_many_webhooks",
            )
        row = DbWebhook(
            public_id=new_id, challenge_id=challenge.id, url=address, secret=secret, events=list(wanted),
            created_by=asker_id, created_at=now,
        )  # fmt: skip
        session.add(row)
        record(session, challenge, "make_webhook", asker_id, now, webhook=new_id, url=address)
        return WebhookView(new_id, address, wanted, now, secret)


def list_webhooks(slug: str, *, asker_id: int | None) -> list[WebhookView]:
    """Oldest first, without their secrets. Raises NotFound, Forbidden."""
    with reading() as session:
        challenge = get_modelled(session, slug, asker_id, drafts=True)
        return [
            WebhookView(row.public_id, row.url, tuple(row.events), row.created_at)
            for row in webhooks.webhooks_of(session, challenge.id)
        ]


def end_webhook(slug: str, public_id: str, *, asker_id: int | None, now: datetime) -> None:
    """Nothing more is sent there. Raises NotFound, Forbidden."""
    with transaction() as session:
        challenge = get_modelled(session, slug, asker_id, drafts=True)
        row = _get(session, challenge.id, public_id)
        webhooks.end_webhook(session, row, now)
        record(session, challenge, "end_webhook", asker_id, now, webhook=public_id)


def list_deliveries(
    slug: str, public_id: str, *, asker_id: int | None, cursor: str | None = None, limit: int = 50
) -> tuple[list[DeliveryView], str | None]:
    """What was told, newest first. Raises NotFound, Forbidden, Invalid for a broken cursor."""
    before = read_cursor(cursor)
    with reading() as session:
        challenge = get_modelled(session, slug, asker_id, drafts=True)
        row = _get(session, challenge.id, public_id)
        found = webhooks.deliveries_of(session, row.id, before, limit + 1)
        more = str(found[limit - 1].id) if len(found) > limit else None
        return [_view(each) for each in found[:limit]], more


def send_again(
    slug: str, public_id: str, delivery_id: str, *, asker_id: int | None, now: datetime
) -> DeliveryView:
    """Tell it once more, from now on as if it were new. Raises NotFound, Forbidden."""
    with transaction() as session:
        challenge = get_modelled(session, slug, asker_id, drafts=True)
        row = webhooks.find_delivery(session, _get(session, challenge.id, public_id).id, delivery_id)
        if row is None:
            raise NotFound("There is no such delivery.")
        row.state, row.tries, row.wake_at, row.fence = "waiting", 0, now, row.fence + 1
        record(session, challenge, "send_again", asker_id, now, delivery=delivery_id)
        return _view(row)


def _get(session: Session, challenge_id: int, public_id: str) -> DbWebhook:
    row = webhooks.find_webhook(session, challenge_id, public_id)
    if row is None:
        raise NotFound("There is no such webhook.")
    return row


def _view(row: DbDelivery) -> DeliveryView:
    return DeliveryView(
        row.public_id, row.event, row.state, row.tries, row.answer, row.body, row.created_at, row.tried_at,
        row.wake_at if row.state == "waiting" else None,
    )  # fmt: skip
