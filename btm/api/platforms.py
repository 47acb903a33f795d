"""Bringing people to a challenge: work on platforms, and invites."""

from __future__ import annotations

import secrets
from typing import Any

from flask import current_app
from marshmallow import Schema, fields
from marshmallow.validate import Length, OneOf, Range

from btm.api import bearer, tools
from btm.api.wing import Asked, Wing
from btm.platforms.directory import MARKETS, market_named
from btm.rules.works import WorkTerms, check_terms
from btm.services import close_work, invites, publish_work, show_works
from btm.services.views_platforms import InviteView, WorkView

wing = Wing("api_platforms", "Bring people: work on platforms, and invites for your own crowd.")


def whole() -> fields.Integer:
    return fields.Integer(required=True, validate=Range(min=0, max=1_000_000))


class NewWorkSchema(Schema):
    """Work to publish. `reward` is in cents, for each assignment of `pieces` pages; `places` assignments in all."""

    platform = fields.String(required=True, validate=OneOf(tuple(MARKETS)))
    kind = fields.String(required=True, validate=OneOf(("play", "judge")))
    title = fields.String(required=True, validate=Length(max=200))
    description = fields.String(required=True, validate=Length(max=5000))
    pieces = whole()
    places = whole()
    reward = whole()
    minutes = whole()
    days = whole()
    min_approval = fields.Integer(load_default=0, validate=Range(min=0, max=100))
    min_approved = fields.Integer(load_default=0, validate=Range(min=0, max=1_000_000))
    countries = fields.List(fields.String(validate=Length(max=3)), load_default=list)
    needs_test = fields.Boolean(load_default=False)


class NewInviteSchema(Schema):
    """An invite: for playing or judging, for how many people, for how many days (none: no end)."""

    kind = fields.String(required=True, validate=OneOf(("play", "judge")))
    most_uses = fields.Integer(required=True, validate=Range(min=0, max=1_000_000))
    days = fields.Integer(load_default=None, allow_none=True, validate=Range(min=0, max=10_000))
    note = fields.String(load_default="", validate=Length(max=200))


@wing.lists("/challenges/<slug>/works", of=WorkView, scope="operate")
def list_works(asked: Asked, slug: str) -> tuple[list[WorkView], str | None]:
    """Work of a challenge on platforms, newest first"""
    return asked.cut(show_works.show_works(slug, asker_id=bearer.account_id()))


@wing.writes(
    "POST", "/challenges/<slug>/works", scope="operate", takes=NewWorkSchema, shows=WorkView, status=201
)
def publish(body: dict[str, Any], slug: str) -> WorkView:
    """Publish work on a platform: this costs real money"""
    show_works.show_works(slug, asker_id=bearer.account_id())  # who may not ask learns nothing of platforms
    market = market_named(body.pop("platform"), current_app.extensions["btm_settings"])
    terms = WorkTerms(**{**body, "countries": tuple(body["countries"])})
    check_terms(terms)
    return publish_work.publish_work(
        slug, terms, market=market, public_url=current_app.extensions["btm_settings"].public_url,
        asker_id=bearer.account_id(), now=bearer.now(), new_id=tools.new_id,
    )  # fmt: skip


@wing.reads("/challenges/<slug>/works/<work_id>", shows=WorkView, scope="operate")
def show_one(slug: str, work_id: str) -> WorkView:
    """How work on a platform goes"""
    view, _ = show_works.show_work(slug, work_id, asker_id=bearer.account_id())
    return view


@wing.writes("POST", "/challenges/<slug>/works/<work_id>/close", scope="operate", shows=WorkView)
def close(slug: str, work_id: str) -> WorkView:
    """Let nobody new in"""
    return close_work.close_work(slug, work_id, asker_id=bearer.account_id(), now=bearer.now())


@wing.lists("/challenges/<slug>/invites", of=InviteView, scope="model")
def list_invites(asked: Asked, slug: str) -> tuple[list[InviteView], str | None]:
    """Invites, newest first"""
    return asked.cut(invites.list_invites(slug, asker_id=bearer.account_id(), now=bearer.now()))


@wing.writes(
    "POST", "/challenges/<slug>/invites", scope="model", takes=NewInviteSchema, shows=InviteView, status=201
)
def invite(body: dict[str, Any], slug: str) -> InviteView:
    """Make an invite; people come in at /i/ and its code"""
    return invites.make_invite(
        slug, asker_id=bearer.account_id(), now=bearer.now(), new_code=secrets.token_urlsafe(12), **body
    )


@wing.writes("POST", "/challenges/<slug>/invites/<code>/revoke", scope="model", shows=InviteView)
def revoke(slug: str, code: str) -> InviteView:
    """Let nobody new in by an invite"""
    return invites.revoke_invite(slug, code, asker_id=bearer.account_id(), now=bearer.now())
