"""`flask --app app btm webhook ...`: who is told what happens in a challenge. Exit code 1 with the reason where something is refused, and
where a test is not taken."""

from __future__ import annotations

import json
import secrets
import sys
from dataclasses import asdict
from datetime import UTC, datetime

import click
from flask import current_app
from flask.cli import AppGroup

from btm.cli.machine import as_json
from btm.cli.words import plainly
from btm.rules.webhooks import EVENTS
from btm.services import webhooks
from btm.services.send_delivery import DeliveryTools, send_named
from btm.services.views_webhooks import DeliveryView, WebhookView

webhook = AppGroup("webhook", help="Have an address told of verdicts, clusters, machines and budgets.")


@webhook.command("add")
@click.argument("slug")
@click.argument("url")
@click.option(
    "--event",
    "events",
    multiple=True,
    type=click.Choice(tuple(EVENTS)),
    help="What to tell; several times for several, and all where it is left out.",
)
@as_json
@plainly
def add(slug: str, url: str, events: tuple[str, ...], as_json: bool) -> None:
    """Have URL told what happens in the challenge SLUG. The secret that signs what is sent is printed once.

    \b
    Examples:
      flask --app app btm webhook add drugs https://hooks.example.org/btm
      flask --app app btm webhook add drugs https://hooks.example.org/btm --event verdict --event budget_low
    """
    view = webhooks.make_webhook(
        slug, url, events or tuple(EVENTS), policy=current_app.extensions["btm_policy"], asker_id=None, now=_now(),
        new_id=secrets.token_hex(8), secret=f"whsec_{secrets.token_urlsafe(32)}",
    )  # fmt: skip
    if as_json:
        _write(asdict(view))
        return
    click.echo(_line(view))
    click.echo(f"  secret, shown once: {view.secret}")


@webhook.command("list")
@click.argument("slug")
@as_json
@plainly
def list_(slug: str, as_json: bool) -> None:
    """List the webhooks of SLUG, without their secrets.

    \b
    Example: flask --app app btm webhook list drugs --json
    """
    views = webhooks.list_webhooks(slug, asker_id=None)
    if as_json:
        _write([asdict(view) for view in views])
        return
    for view in views:
        click.echo(_line(view))
    if not views:
        click.echo("No webhook yet.", err=True)


@webhook.command("log")
@click.argument("slug")
@click.argument("webhook_id")
@click.option(
    "--most", type=click.IntRange(1, 200), default=50, show_default=True, help="How many, newest first."
)
@as_json
@plainly
def log(slug: str, webhook_id: str, most: int, as_json: bool) -> None:
    """Say what WEBHOOK_ID of SLUG was told, and how that went, newest first.

    \b
    Example: flask --app app btm webhook log drugs 1f0c9a2b3d4e5f60 --most 10
    """
    views, _ = webhooks.list_deliveries(slug, webhook_id, asker_id=None, limit=most)
    if as_json:
        _write([asdict(view) for view in views])
        return
    for view in views:
        click.echo(_told(view))
    if not views:
        click.echo("Nothing was told yet.", err=True)


@webhook.command("test")
@click.argument("slug")
@click.argument("webhook_id")
@as_json
@plainly
def test(slug: str, webhook_id: str, as_json: bool) -> None:
    """Send WEBHOOK_ID of SLUG something that means nothing, now and from here. Exit code 1 where it is not taken.

    \b
    Example: flask --app app btm webhook test drugs 1f0c9a2b3d4e5f60
    """
    made = webhooks.try_webhook(
        slug, webhook_id, asker_id=None, now=_now(), new_id=secrets.token_hex(8), is_rung_for=False
    )
    _send(slug, webhook_id, made.public_id, as_json)


@webhook.command("send-again")
@click.argument("slug")
@click.argument("webhook_id")
@click.argument("delivery_id")
@as_json
@plainly
def send_again(slug: str, webhook_id: str, delivery_id: str, as_json: bool) -> None:
    """Tell WEBHOOK_ID of SLUG once more what DELIVERY_ID of its log says, now and from here. Exit code 1 where it is not taken.

    \b
    Example: flask --app app btm webhook send-again drugs 1f0c9a2b3d4e5f60 9b1f0c9a2b3d4e5f609b1f0c9a2b3d4e
    """
    webhooks.send_again(slug, webhook_id, delivery_id, asker_id=None, now=_now(), is_rung_for=False)
    _send(slug, webhook_id, delivery_id, as_json)


@webhook.command("pause")
@click.argument("slug")
@click.argument("webhook_id")
@as_json
@plainly
def pause(slug: str, webhook_id: str, as_json: bool) -> None:
    """Hold what WEBHOOK_ID of SLUG is to be told, for 30 days at most, until it goes on.

    \b
    Example: flask --app app btm webhook pause drugs 1f0c9a2b3d4e5f60
    """
    view = webhooks.pause_webhook(slug, webhook_id, asker_id=None, now=_now())
    _write(asdict(view)) if as_json else click.echo(_line(view))


@webhook.command("resume")
@click.argument("slug")
@click.argument("webhook_id")
@as_json
@plainly
def resume(slug: str, webhook_id: str, as_json: bool) -> None:
    """Tell WEBHOOK_ID of SLUG what was held, and go on.

    \b
    Example: flask --app app btm webhook resume drugs 1f0c9a2b3d4e5f60
    """
    view = webhooks.resume_webhook(slug, webhook_id, asker_id=None, now=_now())
    _write(asdict(view)) if as_json else click.echo(_line(view))


@webhook.command("remove")
@click.argument("slug")
@click.argument("webhook_id")
@as_json
@plainly
def remove(slug: str, webhook_id: str, as_json: bool) -> None:
    """Tell WEBHOOK_ID of SLUG nothing more, not even what waits.

    \b
    Example: flask --app app btm webhook remove drugs 1f0c9a2b3d4e5f60
    """
    webhooks.end_webhook(slug, webhook_id, asker_id=None, now=_now())
    _write({"removed": webhook_id}) if as_json else click.echo(f"{webhook_id} is told nothing more")


def _send(slug: str, webhook_id: str, delivery_id: str, as_json: bool) -> None:
    """Send one thing from here, say how that went, and leave with 1 where it was not taken."""
    tools = DeliveryTools(current_app.extensions["btm_policy"], _now)
    send_named(slug, webhook_id, delivery_id, tools, asker_id=None)
    view = webhooks.show_delivery(slug, webhook_id, delivery_id, asker_id=None)
    _write(asdict(view)) if as_json else click.echo(_told(view))
    if view.state != "sent":
        sys.exit(1)


def _line(view: WebhookView) -> str:
    counts = f"; {view.waiting} waiting" * bool(view.waiting) + f"; {view.failed} failed" * bool(view.failed)
    return f"{view.public_id} {view.state} {view.url} ({', '.join(view.events)}{counts})"


def _told(view: DeliveryView) -> str:
    tries = f"{view.tries} {'try' if view.tries == 1 else 'tries'}"
    line = f"{view.public_id} {view.created_at:%Y-%m-%d %H:%M} UTC {view.event} {view.state}, {tries}"
    line += f": {view.answer}" if view.answer else ""
    return line + (f"; next at {view.next_at:%Y-%m-%d %H:%M} UTC" if view.next_at else "")


def _write(value: object) -> None:
    click.echo(json.dumps(value, default=str, ensure_ascii=False))


def _now() -> datetime:
    return datetime.now(UTC)
