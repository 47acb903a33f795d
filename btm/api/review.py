"""Judging, for another front end than ours: one page, one question, under a lease."""

from __future__ import annotations

import random
import secrets
from typing import Any

from marshmallow import Schema, fields
from marshmallow.validate import Length, OneOf, Range

from btm.api import bearer
from btm.api.wing import Asked, Wing
from btm.services import (
    give_back_review,
    lease_review,
    list_judging,
    qualify,
    record_judgement,
    show_own_record,
)
from btm.services.views_judges import OwnRecordView
from btm.services.views_review import JudgingOffer, JudgingView, QualificationView

wing = Wing("api_review", "Take a page, say what it is, and be paid for it.")


class LeaseSchema(Schema):
    """How the next page is asked for."""

    beside = fields.String(
        load_default=None,
        allow_none=True,
        validate=Length(max=32),
        metadata={"description": "A page that you still hold, to be given another one beside it"},
    )


class JudgementSchema(Schema):
    """What a judge says: a label, or why none can be given."""

    token = fields.String(
        required=True, validate=Length(min=1, max=64), metadata={"description": "The lease's token"}
    )
    label = fields.String(load_default=None, allow_none=True, validate=Length(max=40))
    cannot = fields.String(load_default=None, allow_none=True, validate=OneOf(record_judgement.CANNOT))
    other = fields.String(
        load_default="",
        validate=Length(max=200),
        metadata={"description": "With `cannot` other: what the page is"},
    )
    reason = fields.String(
        load_default="", validate=Length(max=300), metadata={"description": "A line for the player"}
    )
    seconds = fields.Float(
        required=True,
        validate=Range(min=0, max=86400),
        metadata={"description": "How long you looked"},
    )


class ReturnSchema(Schema):
    """A lease to end."""

    token = fields.String(
        required=True, validate=Length(min=1, max=64), metadata={"description": "The lease's token"}
    )


class TestSchema(Schema):
    """Answers to the short test: the label of each question, by its number."""

    answers = fields.Dict(
        keys=fields.Integer(validate=Range(min=0, max=1000)),
        values=fields.String(validate=Length(max=40)),
        required=True,
    )


@wing.lists("/judging", of=JudgingOffer, scope="judge")
def list_offers(asked: Asked) -> tuple[list[JudgingOffer], str | None]:
    """Where you could judge, and how much waits there for you"""
    return asked.cut(list_judging.list_judging(bearer.account_id(), now=bearer.now()))


@wing.writes(
    "POST", "/challenges/<slug>/leases", scope="judge", takes=LeaseSchema, shows=JudgingView, limit="judge"
)
def take_next(body: dict[str, Any], slug: str) -> JudgingView:
    """Take the next page to judge, or be shown the one that you hold

    `item` is null while nothing waits that you could judge. Ask with a new key each time."""
    return lease_review.lease_review(
        slug,
        judge_id=bearer.account_id(),
        now=bearer.now(),
        new_token=secrets.token_urlsafe(32),
        dice=random.random(),
        beside=body["beside"],
    )


@wing.writes(
    "POST", "/review-items/<item_id>/judgements", scope="judge", takes=JudgementSchema, limit="judge"
)
def judge(body: dict[str, Any], item_id: str) -> None:
    """Say what a page is, or why you cannot"""
    record_judgement.record_judgement(item_id, judge_id=bearer.account_id(), now=bearer.now(), **body)


@wing.writes(
    "POST", "/review-items/<item_id>/give-back", scope="judge", takes=ReturnSchema, limit="give_back"
)
def give_back(body: dict[str, Any], item_id: str) -> None:
    """Give a page back without an answer"""
    give_back_review.give_back_review(
        item_id, judge_id=bearer.account_id(), token=body["token"], now=bearer.now()
    )


@wing.reads("/challenges/<slug>/judging-record", shows=OwnRecordView, scope="read")
def own_record(slug: str) -> OwnRecordView:
    """What you judged and earned here, and what to do better"""
    return show_own_record.show_own_record(slug, account_id=bearer.account_id(), now=bearer.now())


@wing.reads("/challenges/<slug>/qualification", shows=QualificationView, scope="judge")
def show_test(slug: str) -> QualificationView:
    """The short test before you may judge"""
    return qualify.show_qualification(slug, account_id=bearer.account_id(), now=bearer.now())


@wing.writes(
    "POST",
    "/challenges/<slug>/qualification",
    scope="judge",
    takes=TestSchema,
    shows=QualificationView,
    limit="judge",
)
def take_test(body: dict[str, Any], slug: str) -> QualificationView:
    """Take the test; the answer says what was right, and why"""
    return qualify.take_qualification(slug, body["answers"], account_id=bearer.account_id(), now=bearer.now())
