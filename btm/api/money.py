"""Paying people out, in batches: look, freeze, approve, pay, reconcile. For admins."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Response
from marshmallow import EXCLUDE, Schema, fields
from marshmallow.validate import Length, OneOf, Range

from btm.api import bearer, tools
from btm.api.tools import MIME_TYPES
from btm.api.wing import Asked, PageQuery, Wing
from btm.services import freeze_payouts, move_batch, reconcile_payouts, release_find, show_payouts
from btm.services.views_money import HeldPage, HeldView
from btm.services.views_payouts import BatchView, PayableView

wing = Wing("api_money", "Pay people out: batches that are frozen, approved, paid and reconciled.")
MOVES: dict[str, Callable[..., BatchView]] = {
    "freeze": freeze_payouts.freeze_batch,
    "approve": move_batch.approve_batch,
    "pay": move_batch.pay_batch,
    "retry": move_batch.retry_refused,
    "cancel": move_batch.cancel_batch,
    "give_back": move_batch.give_back_refused,
}

WORDS: dict[str, Callable[..., HeldView]] = {
    "pay": release_find.release_find,
    "desk": release_find.question_find,
}
HELD = "/challenges/<slug>/held"


class PayableQuery(Schema):
    class Meta:
        unknown = EXCLUDE

    platform = fields.String(load_default="local", validate=Length(max=20))
    cutoff = fields.AwareDateTime(
        load_default=None, metadata={"description": "What was earned before this moment; now, if left out"}
    )
    least_cents = fields.Integer(load_default=100, validate=Range(min=1, max=10_000_000))


class NewBatchSchema(Schema):
    """A batch to open."""

    platform = fields.String(load_default="local", validate=Length(max=20))
    cutoff = fields.AwareDateTime(load_default=None, allow_none=True)
    least_cents = fields.Integer(load_default=100, validate=Range(min=1, max=10_000_000))


class MoveSchema(Schema):
    """What to do with a batch; `may` of the batch says what can be done now."""

    to = fields.String(required=True, validate=OneOf(tuple(MOVES)))


class WordSchema(Schema):
    """Your word on a find whose points wait: `pay` them all the same, or take the page to the `desk`, where you decide what it is."""

    to = fields.String(required=True, validate=OneOf(tuple(WORDS)))


class BankListSchema(Schema):
    """The bank's list, for what was paid by file: CSV with `reference` and, where it is there, `amount`."""

    statement = fields.String(load_default=None, allow_none=True)


@wing.reads("/payouts/payable", shows=PayableView, scope="operate", query=PayableQuery)
def payable(asked: dict[str, Any]) -> PayableView:
    """What freezing would take now"""
    return freeze_payouts.show_payable(
        asked["platform"], cutoff=asked["cutoff"] or bearer.now(), least_cents=asked["least_cents"],
        asker_id=bearer.account_id(), now=bearer.now(),
    )  # fmt: skip


@wing.lists("/payouts", of=BatchView, scope="operate")
def list_batches(asked: Asked) -> tuple[list[BatchView], str | None]:
    """Batches, newest first"""
    page = show_payouts.list_batches(asker_id=bearer.account_id(), cursor=asked.cursor, limit=asked.limit)
    return list(page.batches), page.next_cursor


@wing.writes("POST", "/payouts", scope="operate", takes=NewBatchSchema, shows=BatchView, status=201)
def open_batch(body: dict[str, Any]) -> BatchView:
    """Open a batch, which holds nothing until it is frozen"""
    return freeze_payouts.open_batch(
        body["platform"], cutoff=body["cutoff"] or bearer.now(), least_cents=body["least_cents"],
        asker_id=bearer.account_id(), now=bearer.now(), new_id=tools.new_id(),
    )  # fmt: skip


@wing.reads("/payouts/<batch_id>", shows=BatchView, scope="operate", query=PageQuery)
def show_batch(asked: dict[str, Any], batch_id: str) -> BatchView:
    """A batch with a page of its payments; `next_cursor` leads on"""
    return show_payouts.show_batch(
        batch_id, asker_id=bearer.account_id(), cursor=asked["cursor"], limit=asked["limit"]
    )


@wing.writes("POST", "/payouts/<batch_id>/move", scope="operate", takes=MoveSchema, shows=BatchView)
def move(body: dict[str, Any], batch_id: str) -> BatchView:
    """Freeze, approve, pay, retry, cancel a batch, or give back what was refused

    Where the operator set `BTM_PAYOUT_FOUR_EYES`, whoever froze a batch is refused to approve it (403, `four_eyes`)."""
    more = {"four_eyes": tools.four_eyes()} if body["to"] == "approve" else {}
    return MOVES[body["to"]](batch_id, asker_id=bearer.account_id(), now=bearer.now(), **more)


@wing.writes(
    "POST",
    "/payouts/<batch_id>/reconcile",
    scope="operate",
    takes=BankListSchema,
    shows=BatchView,
    large=True,
)
def reconcile(body: dict[str, Any], batch_id: str) -> BatchView:
    """Compare what we have with what the other side says"""
    text = body["statement"]
    return reconcile_payouts.reconcile_batch(
        batch_id, text.encode() if text is not None else None, asker_id=bearer.account_id(), now=bearer.now()
    )


@wing.files("/payouts/<batch_id>/bank.csv", scope="operate", kinds=(MIME_TYPES["csv"],))
def bank_file(batch_id: str) -> Response:
    """The payments of an approved batch, for any bank"""
    lines = show_payouts.write_bank_file(batch_id, asker_id=bearer.account_id(), now=bearer.now())
    return tools.attachment(lines, f"payout-{batch_id}.csv", MIME_TYPES["csv"])


@wing.reads(HELD, shows=HeldPage, scope="operate")
def list_held(slug: str) -> HeldPage:
    """Finds whose points wait, because their pages have to be looked at again first"""
    return release_find.list_held(slug, asker_id=bearer.account_id(), now=bearer.now())


@wing.writes("POST", f"{HELD}/<public_id>", scope="operate", takes=WordSchema, shows=HeldView)
def say(body: dict[str, Any], slug: str, public_id: str) -> HeldView:
    """Pay a find all the same, or take its page to the desk"""
    return WORDS[body["to"]](slug, public_id, asker_id=bearer.account_id(), now=bearer.now())
