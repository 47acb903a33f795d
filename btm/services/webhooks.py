"""A challenge's webhooks, for its modelers: make, list, try, pause, take away, see what was told, and tell it again."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from btm.pages.guard import check_form
from btm.pages.policy import Policy
from btm.pages.reasons import ReadFailed
from btm.rules.errors import Conflict, Invalid, NotFound
from btm.rules.webhooks import MOST_WEBHOOKS, TEST, check_events
from btm.services import bell
from btm.services.cursors import read_cursor
from btm.services.modelling import get_modelled
from btm.services.recording import record
from btm.services.telling import is_kept_by_modeler, put_out
from btm.services.views_webhooks import DeliveryView, WebhookView
from btm.store import challenges, machines, webhooks
from btm.store.tables_challenges import DbChallenge
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
        session.flush()
        record(session, challenge, "make_webhook", asker_id, now, webhook=new_id, url=address)
        [view] = _views(session, challenge, [row])
        return replace(view, secret=secret)


def list_webhooks(slug: str, *, asker_id: int | None) -> list[WebhookView]:
    """Oldest first, without their secrets. Raises NotFound, Forbidden."""
    with reading() as session:
        challenge = get_modelled(session, slug, asker_id, drafts=True)
        return _views(session, challenge, webhooks.webhooks_of(session, challenge.id))


def show_webhook(slug: str, public_id: str, *, asker_id: int | None) -> WebhookView:
    """One of them. Raises NotFound, Forbidden."""
    with reading() as session:
        challenge = get_modelled(session, slug, asker_id, drafts=True)
        return _views(session, challenge, [_get(session, challenge.id, public_id)])[0]


def pause_webhook(slug: str, public_id: str, *, asker_id: int | None, now: datetime) -> WebhookView:
    """Hold what is to be told until it goes on. Doing it twice is the same as once. Raises NotFound, Forbidden."""
    with transaction() as session:
        challenge = get_modelled(session, slug, asker_id, drafts=True)
        row = _get(session, challenge.id, public_id)
        webhooks.pause_webhook(session, row, row.paused_at or now)
        record(session, challenge, "pause_webhook", asker_id, now, webhook=public_id)
        return _views(session, challenge, [row])[0]


def resume_webhook(slug: str, public_id: str, *, asker_id: int | None, now: datetime) -> WebhookView:
    """Tell what was held, and go on. Raises NotFound, Forbidden."""
    with transaction() as session:
        challenge = get_modelled(session, slug, asker_id, drafts=True)
        row = _get(session, challenge.id, public_id)
        if row.paused_at is not None:
            webhooks.resume_webhook(session, row, now)
        record(session, challenge, "resume_webhook", asker_id, now, webhook=public_id)
        return _views(session, challenge, [row])[0]


def try_webhook(
    slug: str, public_id: str, *, asker_id: int | None, now: datetime, new_id: str, is_rung_for: bool = True
) -> DeliveryView:
    """Send something that means nothing, once, to see whether the address hears. is_rung_for: whether a worker is to send it at once, or
    the asker does. Raises NotFound, Forbidden, Conflict (`not_on`)."""
    with transaction() as session:
        challenge = get_modelled(session, slug, asker_id, drafts=True)
        row = _get_on(session, challenge, public_id)
        data = {"webhook": public_id}
        delivery_id = put_out(session, row, challenge.slug, TEST, f"test:{new_id}", data, now)
        delivery = _get_delivery(session, row, delivery_id)
        record(session, challenge, "try_webhook", asker_id, now, webhook=public_id)
        view, row_id = _view(delivery), delivery.id
    if is_rung_for:
        bell.ring("delivery", row_id)
    return view


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


def show_delivery(slug: str, public_id: str, delivery_id: str, *, asker_id: int | None) -> DeliveryView:
    """One of what was told. Raises NotFound, Forbidden."""
    with reading() as session:
        challenge = get_modelled(session, slug, asker_id, drafts=True)
        return _view(_get_delivery(session, _get(session, challenge.id, public_id), delivery_id))


def send_again(
    slug: str,
    public_id: str,
    delivery_id: str,
    *,
    asker_id: int | None,
    now: datetime,
    is_rung_for: bool = True,
) -> DeliveryView:
    """Tell it once more, from now on as if it were new; is_rung_for as for a test. Raises NotFound, Forbidden, Conflict (`not_on`)."""
    with transaction() as session:
        challenge = get_modelled(session, slug, asker_id, drafts=True)
        row = _get_delivery(session, _get_on(session, challenge, public_id), delivery_id)
        row.state, row.tries, row.wake_at, row.fence = "waiting", 0, now, row.fence + 1
        record(session, challenge, "send_again", asker_id, now, delivery=delivery_id)
        view, row_id = _view(row), row.id
    if is_rung_for:
        bell.ring("delivery", row_id)
    return view


def _get(session: Session, challenge_id: int, public_id: str) -> DbWebhook:
    row = webhooks.find_webhook(session, challenge_id, public_id)
    if row is None:
        raise NotFound("There is no such webhook.")
    return row


def _get_on(session: Session, challenge: DbChallenge, public_id: str) -> DbWebhook:
    row = _get(session, challenge.id, public_id)
    if row.paused_at is not None:
        raise Conflict("This webhook is paused. Let it go on first.", code="not_on")
    if not is_kept_by_modeler(session, row, challenge.slug):
        raise Conflict(
            "Who made this webhook models the challenge no more, so nothing is told there. Make a new one.",
            code="not_on",
        )
    return row


def _get_delivery(session: Session, webhook: DbWebhook, public_id: str) -> DbDelivery:
    row = webhooks.find_delivery(session, webhook.id, public_id)
    if row is None:
        raise NotFound("There is no such delivery.")
    return row


def _views(session: Session, challenge: DbChallenge, rows: Sequence[DbWebhook]) -> list[WebhookView]:
    told = webhooks.told_of(session, [row.id for row in rows])
    makers = machines.handles(session, {row.created_by for row in rows if row.created_by is not None})
    views = []
    for row in rows:
        is_kept = is_kept_by_modeler(session, row, challenge.slug)
        state = "stopped" if not is_kept else "paused" if row.paused_at is not None else "on"
        each = told.get(row.id, webhooks.Told())
        view = WebhookView(
            row.public_id, row.url, tuple(row.events), row.created_at, state=state,
            made_by=makers.get(row.created_by or 0, ""), waiting=each.waiting, failed=each.failed, sent_at=each.sent_at,
        )  # fmt: skip
        views.append(view)
    return views


def _view(row: DbDelivery) -> DeliveryView:
    return DeliveryView(
        row.public_id, row.event, row.state, row.tries, row.answer, row.body, row.created_at, row.tried_at,
        row.wake_at if row.state == "waiting" else None,
    )  # fmt: skip
