"""Probe, quote, commit: one submission's way as its player sees it."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from btm.rules.errors import Invalid
from btm.services import (
    appeal_submission,
    commit_submission,
    list_submissions,
    show_submission,
    submit_page,
    withdraw_submission,
)
from btm.services.views_play import SubmissionView
from btm.web import clock, forms, identity, limits
from btm.web.challenges import render_challenge

MOST_BESIDE = 8
"""Of one's pages, so many stand on a challenge's own page, as its template says too."""
bp = Blueprint("play", __name__)


@bp.post("/c/<slug>/submissions")
@limits.probing
def submit(slug: str) -> ResponseReturnValue:
    form = forms.ProbeForm()
    try:
        forms.check(form)
        player_id = identity.player_id()
        public_id = submit_page.submit_page(
            slug, form.url.data or "", player_id=player_id, now=clock.now(), new_id=identity.new_id(),
            label=form.label.data or "",
        )  # fmt: skip
    except Invalid as error:
        if identity.wants_partial():
            raise
        forms.blame(form, error)
        return render_challenge(slug, form, error.status)
    if identity.wants_partial():
        return render_template("play/card.html", submission=find(public_id)), 201
    return redirect(url_for("play.submission", public_id=public_id), 303)


@bp.get("/s/<public_id>")
def submission(public_id: str) -> ResponseReturnValue:
    return render_template("play/submission.html", submission=find(public_id), form=forms.ProbeForm())


@bp.get("/s/<public_id>/card")
def card(public_id: str) -> ResponseReturnValue:
    return render_template("play/card.html", submission=find(public_id)), {"Cache-Control": "no-store"}


@bp.post("/s/<public_id>/commit")
@identity.sign_in_needed
def commit(public_id: str) -> ResponseReturnValue:
    commit_submission.commit_submission(
        public_id, player_id=identity.member_id(), now=clock.now(), new_id=identity.new_id()
    )
    return back_to(public_id)


@bp.post("/s/<public_id>/withdraw")
def withdraw(public_id: str) -> ResponseReturnValue:
    withdraw_submission.withdraw_submission(public_id, player_id=identity.player_id(), now=clock.now())
    return back_to(public_id)


@bp.post("/s/<public_id>/appeal")
@identity.sign_in_needed
@limits.probing
def appeal(public_id: str) -> ResponseReturnValue:
    appeal_submission.appeal_submission(
        public_id, player_id=identity.member_id(), reason=request.form.get("reason", ""), now=clock.now()
    )
    return back_to(public_id)


@bp.get("/me/submissions")
def submissions() -> ResponseReturnValue:
    viewer, slug = identity.viewer_id(), request.args.get("challenge")
    found: list[SubmissionView] = []
    cursor = None
    if viewer is not None:
        found, cursor = list_submissions.list_submissions(
            viewer, slug=slug, cursor=request.args.get("cursor"), now=clock.now()
        )
    if identity.wants_partial():
        return render_template("play/submission_rows.html", submissions=found, most=MOST_BESIDE)
    return render_template("play/submissions.html", submissions=found, next_cursor=cursor, slug=slug)


def find(public_id: str) -> SubmissionView:
    return show_submission.show_submission(public_id, viewer_id=identity.viewer_id(), now=clock.now())


def back_to(public_id: str) -> ResponseReturnValue:
    """To the submission's page, or to its card when a script asked."""
    endpoint = "play.card" if identity.wants_partial() else "play.submission"
    return redirect(url_for(endpoint, public_id=public_id), 303)
