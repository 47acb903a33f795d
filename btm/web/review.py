"""Judging: one page, one question, and nothing that says who sent it or what the machine thought."""

from __future__ import annotations

import random

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from btm.rules.errors import Forbidden, Invalid
from btm.services import lease_review, list_judging, qualify, record_judgement
from btm.services.views_review import JudgingView
from btm.web import clock, identity, limits

bp = Blueprint("review", __name__)

CANNOT = {
    "broken": "The page is broken or empty",
    "language": "I do not read this language",
    "unsure": "It could be either",
    "disturbing": "I would rather not look at it",
}
LONGEST_LOOK = 86400.0


@bp.get("/judge")
@identity.sign_in_needed
def offers() -> ResponseReturnValue:
    found = list_judging.list_judging(identity.member_id(), now=clock.now())
    return render_template("review/offers.html", offers=found)


@bp.get("/c/<slug>/judge")
@identity.sign_in_needed
def judge(slug: str) -> ResponseReturnValue:
    try:
        view = lease(slug, None)
    except Forbidden as error:
        if error.code != "not_qualified":
            raise
        return redirect(url_for("review.qualification", slug=slug))
    return render_template("review/judge.html", view=view, cannot=CANNOT, shown_at=clock.now().timestamp())


@bp.get("/c/<slug>/judge/next")
@identity.sign_in_needed
def next_item(slug: str) -> ResponseReturnValue:
    view = lease(slug, request.args.get("beside") or None)
    return render_template("review/item.html", view=view, cannot=CANNOT, shown_at=clock.now().timestamp())


@bp.post("/c/<slug>/judge")
@identity.sign_in_needed
@limits.judging
def record(slug: str) -> ResponseReturnValue:
    form = request.form
    record_judgement.record_judgement(
        form.get("item", ""),
        judge_id=identity.member_id(),
        token=form.get("token", ""),
        label=form.get("label") or None,
        cannot=form.get("cannot") or None,
        seconds=seconds_taken(),
        now=clock.now(),
    )
    if identity.wants_partial():
        return "", 204
    return redirect(url_for("review.judge", slug=slug), 303)


@bp.get("/c/<slug>/qualify")
@identity.sign_in_needed
def qualification(slug: str) -> ResponseReturnValue:
    view = qualify.show_qualification(slug, account_id=identity.member_id(), now=clock.now())
    return render_template("review/qualify.html", view=view)


@bp.post("/c/<slug>/qualify")
@identity.sign_in_needed
def take_qualification(slug: str) -> ResponseReturnValue:
    answers = {
        int(name.removeprefix("item-")): given
        for name, given in request.form.items()
        if name.startswith("item-") and name.removeprefix("item-").isdigit()
    }
    view = qualify.take_qualification(slug, answers, account_id=identity.member_id(), now=clock.now())
    return render_template("review/qualify.html", view=view)


def lease(slug: str, beside: str | None) -> JudgingView:
    return lease_review.lease_review(
        slug,
        judge_id=identity.member_id(),
        now=clock.now(),
        new_token=identity.new_token(),
        dice=random.random(),
        beside=beside,
    )


def seconds_taken() -> float:
    """How long the judge looked: what the script measured, or the time since the page was drawn."""
    try:
        measured = request.form.get("seconds")
        seconds = float(measured) if measured else clock.now().timestamp() - float(request.form["shown_at"])
    except (ValueError, KeyError) as error:
        raise Invalid("We could not read how long you looked. Reload the page and answer again.") from error
    return min(max(seconds, 0.0), LONGEST_LOOK) if seconds == seconds else 0.0
