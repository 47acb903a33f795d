"""Webhooks: be told, rather than ask again and again."""

from __future__ import annotations

import secrets
from typing import Any

from flask import current_app
from marshmallow import Schema, fields
from marshmallow.validate import Length, OneOf

from btm.api import bearer, tools
from btm.api.wing import Asked, Wing
from btm.rules.webhooks import EVENTS
from btm.services import webhooks
from btm.services.views_webhooks import DeliveryView, WebhookView

wing = Wing("api_webhooks", "Webhooks: be told of verdicts, clusters, machines and budgets.")
HOOK = "/challenges/<slug>/webhooks/<webhook_id>"


class NewWebhookSchema(Schema):
    """Where to tell what."""

    url = fields.String(required=True, validate=Length(min=1, max=2000))
    events = fields.List(
        fields.String(validate=OneOf(tuple(EVENTS))), required=True, validate=Length(min=1, max=20)
    )


@wing.lists("/challenges/<slug>/webhooks", of=WebhookView, scope="operate")
def list_hooks(asked: Asked, slug: str) -> tuple[list[WebhookView], str | None]:
    """A challenge's webhooks, without their secrets"""
    return asked.cut(webhooks.list_webhooks(slug, asker_id=bearer.account_id()))


@wing.writes(
    "POST",
    "/challenges/<slug>/webhooks",
    scope="operate",
    takes=NewWebhookSchema,
    shows=WebhookView,
    status=201,
)
def make(body: dict[str, Any], slug: str) -> WebhookView:
    """Have an address told

    The answer holds the secret, for the only time. Each delivery is signed with it: `BTM-Signature: t=SECONDS,v1=HEX`, where HEX is
    the HMAC-SHA256 of `SECONDS.BODY`. Whatever is not answered with 2xx is sent again, eight times in two days."""
    return webhooks.make_webhook(
        slug, body["url"], body["events"], policy=current_app.extensions["btm_policy"], asker_id=bearer.account_id(),
        now=bearer.now(), new_id=tools.new_id(), secret=f"whsec_{secrets.token_urlsafe(32)}",
    )  # fmt: skip


@wing.writes("DELETE", HOOK, scope="operate")
def end(slug: str, webhook_id: str) -> None:
    """Tell this address nothing more"""
    webhooks.end_webhook(slug, webhook_id, asker_id=bearer.account_id(), now=bearer.now())


@wing.writes("POST", HOOK + "/pause", scope="operate", shows=WebhookView)
def pause(slug: str, webhook_id: str) -> WebhookView:
    """Hold what is to be told

    What happens meanwhile is kept for 30 days, and told when it goes on."""
    return webhooks.pause_webhook(slug, webhook_id, asker_id=bearer.account_id(), now=bearer.now())


@wing.writes("POST", HOOK + "/resume", scope="operate", shows=WebhookView)
def resume(slug: str, webhook_id: str) -> WebhookView:
    """Go on, with what was held first"""
    return webhooks.resume_webhook(slug, webhook_id, asker_id=bearer.account_id(), now=bearer.now())


@wing.writes("POST", HOOK + "/test", scope="operate", shows=DeliveryView)
def try_out(slug: str, webhook_id: str) -> DeliveryView:
    """Send a test

    The event `test` is sent once, whatever the webhook asked for. How it went is in the list of deliveries."""
    return webhooks.try_webhook(
        slug, webhook_id, asker_id=bearer.account_id(), now=bearer.now(), new_id=tools.new_id()
    )


@wing.lists(HOOK + "/deliveries", of=DeliveryView, scope="operate")
def list_told(asked: Asked, slug: str, webhook_id: str) -> tuple[list[DeliveryView], str | None]:
    """What was told, and how that went, newest first"""
    return webhooks.list_deliveries(
        slug, webhook_id, asker_id=bearer.account_id(), cursor=asked.cursor, limit=asked.limit
    )


@wing.writes("POST", HOOK + "/deliveries/<delivery_id>/send-again", scope="operate", shows=DeliveryView)
def send_again(slug: str, webhook_id: str, delivery_id: str) -> DeliveryView:
    """Tell it once more"""
    return webhooks.send_again(slug, webhook_id, delivery_id, asker_id=bearer.account_id(), now=bearer.now())
