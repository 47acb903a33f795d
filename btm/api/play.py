"""Probe, quote, commit: one submission's way, for a program."""

from __future__ import annotations

import secrets
from typing import Any

from marshmallow import Schema, fields
from marshmallow.validate import Length

from btm.api import bearer
from btm.api.wing import Asked, PageQuery, Wing
from btm.services import (
    appeal_submission,
    commit_submission,
    list_submissions,
    show_submission,
    submit_page,
    withdraw_submission,
)
from btm.services.views_play import SubmissionView

wing = Wing("api_play", "Hand in pages, read what they would pay, take that or leave it.")


class HandInSchema(Schema):
    """A page to hand in."""

    url = fields.String(
        required=True, validate=Length(min=1, max=2000), metadata={"description": "The page's address"}
    )
    label = fields.String(
        load_default="",
        validate=Length(max=40),
        metadata={"description": "What the page is, where examples are collected; left out otherwise"},
    )


class SubmissionQuery(PageQuery):
    challenge = fields.String(
        load_default=None, validate=Length(max=80), metadata={"description": "Only those of this challenge"}
    )


class AppealSchema(Schema):
    """Why a rejection is wrong."""

    reason = fields.String(load_default="", validate=Length(max=1000))


@wing.writes(
    "POST",
    "/challenges/<slug>/submissions",
    scope="play",
    takes=HandInSchema,
    shows=SubmissionView,
    status=201,
    limit="probe",
)
def hand_in(body: dict[str, Any], slug: str) -> SubmissionView:
    """Hand in a page

    It is fetched and priced in the background: ask for the submission until its `state` is `quoted` or `refused`."""
    public_id = submit_page.submit_page(
        slug,
        body["url"],
        player_id=bearer.account_id(),
        now=bearer.now(),
        new_id=secrets.token_hex(8),
        label=body["label"],
    )
    return find(public_id)


@wing.lists("/submissions", of=SubmissionView, scope="read", query=SubmissionQuery)
def list_own(asked: Asked, challenge: str | None) -> tuple[list[SubmissionView], str | None]:
    """Your submissions, newest first"""
    return list_submissions.list_submissions(
        bearer.account_id(), slug=challenge, cursor=asked.cursor, limit=asked.limit, now=bearer.now()
    )


@wing.reads("/submissions/<public_id>", shows=SubmissionView, scope="read")
def show(public_id: str) -> SubmissionView:
    """One submission of yours, or one that is a public find"""
    return find(public_id)


@wing.writes("POST", "/submissions/<public_id>/commit", scope="play", shows=SubmissionView)
def commit(public_id: str) -> SubmissionView:
    """Take the quote: it is frozen, and reserved for you"""
    commit_submission.commit_submission(
        public_id, player_id=bearer.account_id(), now=bearer.now(), new_id=secrets.token_hex(8)
    )
    return find(public_id)


@wing.writes("POST", "/submissions/<public_id>/withdraw", scope="play", shows=SubmissionView)
def withdraw(public_id: str) -> SubmissionView:
    """Take a page back: free until somebody has judged it"""
    withdraw_submission.withdraw_submission(public_id, player_id=bearer.account_id(), now=bearer.now())
    return find(public_id)


@wing.writes(
    "POST",
    "/submissions/<public_id>/appeal",
    scope="play",
    takes=AppealSchema,
    shows=SubmissionView,
    limit="probe",
)
def appeal(body: dict[str, Any], public_id: str) -> SubmissionView:
    """Ask, once, that other judges look at a rejected page again"""
    appeal_submission.appeal_submission(
        public_id, player_id=bearer.account_id(), reason=body["reason"], now=bearer.now()
    )
    return find(public_id)


def find(public_id: str) -> SubmissionView:
    return show_submission.show_submission(public_id, viewer_id=bearer.viewer_id(), now=bearer.now())
