"""Who is told what happens in a challenge, for its modelers: the webhooks, and the log of each."""

from __future__ import annotations

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from btm.rules.errors import Conflict, DomainError, Invalid
from btm.rules.webhooks import EVENTS
from btm.services import webhooks
from btm.services.views_webhooks import WebhookView
from btm.web import clock, identity
from btm.web.console import open_desk

bp = Blueprint("console_webhooks", __name__, url_prefix="/console/c/<slug>/webhooks")
SHOWN = 30


@bp.get("")
@identity.modeler_needed
def webhooks_list(slug: str) -> ResponseReturnValue:
    return list_page(slug)


@bp.post("")
@identity.modeler_needed
def make(slug: str) -> ResponseReturnValue:
    """The page that this answers is the only one that ever shows the secret."""
    form = request.form
    try:
        made = webhooks.make_webhook(
            slug, form.get("url", "").strip(), form.getlist("events"), policy=current_app.extensions["btm_policy"],
            asker_id=identity.member_id(), now=clock.now(), new_id=identity.new_id(), secret=f"whsec_{identity.new_token()}",
        )  # fmt: skip
    except (Invalid, Conflict) as error:
        return list_page(slug, error)
    return list_page(slug, made=made)


@bp.get("/<webhook_id>")
@identity.modeler_needed
def webhook(slug: str, webhook_id: str) -> ResponseReturnValue:
    return log_page(slug, webhook_id)


@bp.post("/<webhook_id>/test")
@identity.modeler_needed
def test(slug: str, webhook_id: str) -> ResponseReturnValue:
    try:
        webhooks.try_webhook(
            slug, webhook_id, asker_id=identity.member_id(), now=clock.now(), new_id=identity.new_id()
        )
    except Conflict as error:
        return log_page(slug, webhook_id, error)
    flash("A test is on its way. Look again in a moment to see how it went.")
    return to_log(slug, webhook_id)


@bp.post("/<webhook_id>/pause")
@identity.modeler_needed
def pause(slug: str, webhook_id: str) -> ResponseReturnValue:
    webhooks.pause_webhook(slug, webhook_id, asker_id=identity.member_id(), now=clock.now())
    flash("Paused. What happens meanwhile is kept for 30 days, and told when it goes on.")
    return to_log(slug, webhook_id)


@bp.post("/<webhook_id>/resume")
@identity.modeler_needed
def resume(slug: str, webhook_id: str) -> ResponseReturnValue:
    webhooks.resume_webhook(slug, webhook_id, asker_id=identity.member_id(), now=clock.now())
    flash("It goes on, with what was held first.")
    return to_log(slug, webhook_id)


@bp.post("/<webhook_id>/remove")
@identity.modeler_needed
def remove(slug: str, webhook_id: str) -> ResponseReturnValue:
    webhooks.end_webhook(slug, webhook_id, asker_id=identity.member_id(), now=clock.now())
    flash("Removed. Nothing more is told there.")
    return redirect(url_for("console_webhooks.webhooks_list", slug=slug), 303)


@bp.post("/<webhook_id>/deliveries/<delivery_id>/send-again")
@identity.modeler_needed
def send_again(slug: str, webhook_id: str, delivery_id: str) -> ResponseReturnValue:
    try:
        webhooks.send_again(slug, webhook_id, delivery_id, asker_id=identity.member_id(), now=clock.now())
    except Conflict as error:
        return log_page(slug, webhook_id, error)
    flash("It is on its way once more. Look again in a moment to see how it went.")
    return to_log(slug, webhook_id)


def to_log(slug: str, webhook_id: str) -> ResponseReturnValue:
    return redirect(url_for("console_webhooks.webhook", slug=slug, webhook_id=webhook_id), 303)


def list_page(
    slug: str, fault: DomainError | None = None, made: WebhookView | None = None
) -> ResponseReturnValue:
    page = render_template(
        "webhooks/list.html", desk=open_desk(slug), events=EVENTS, fault=fault, made=made,
        hooks=webhooks.list_webhooks(slug, asker_id=identity.member_id()),
    )  # fmt: skip
    return page, fault.status if fault else 200


def log_page(slug: str, webhook_id: str, fault: DomainError | None = None) -> ResponseReturnValue:
    asker, cursor = identity.member_id(), request.args.get("cursor") or None
    told, more = webhooks.list_deliveries(slug, webhook_id, asker_id=asker, cursor=cursor, limit=SHOWN)
    page = render_template(
        "webhooks/log.html", desk=open_desk(slug), hook=webhooks.show_webhook(slug, webhook_id, asker_id=asker), told=told,
        more=more, is_first_page=cursor is None, fault=fault,
    )  # fmt: skip
    return page, fault.status if fault else 200
