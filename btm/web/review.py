"""Judging: one page, one question, and nothing that says who sent it or what the machine thought."""

from __future__ import annotations

import random
import re

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from btm.rules.errors import Forbidden, Invalid
from btm.services import dispute_gold, lease_review, list_judging, qualify, record_judgement, show_own_record
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
ITEM = re.compile(r"item-[0-9]{1,6}")
"""The name of an answer in the form of the test."""
CHECKED = "checked"
"""Where the browser session keeps the page before which a question of the test was answered again."""


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
        elsewhere = {"not_qualified": "review.qualification", "blocked": "review.own_record"}.get(error.code)
        if elsewhere is None:
            raise
        return redirect(url_for(elsewhere, slug=slug))
    return render_template("review/judge.html", **shown(view))


@bp.get("/c/<slug>/judge/next")
@identity.sign_in_needed
def next_item(slug: str) -> ResponseReturnValue:
    view = lease(slug, request.args.get("beside") or None)
    return render_template("review/item.html", **shown(view))


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
        other=form.get("other", ""),
        reason=form.get("reason", ""),
        seconds=seconds_taken(),
        now=clock.now(),
    )
    if identity.wants_partial():
        return "", 204
    return redirect(url_for("review.judge", slug=slug), 303)


@bp.post("/c/<slug>/judge/check")
@identity.sign_in_needed
@limits.judging
def check(slug: str) -> ResponseReturnValue:
    """A question of the test, answered again before a page: say what is right, and go on."""
    number = request.form.get("number", type=int)
    if number is None:
        raise Invalid("Choose one answer.", field="label")
    answer = qualify.answer_one(slug, number, request.form.get("label", ""))
    session[CHECKED] = request.form.get("item", "")[:32]
    return render_template("review/checked.html", slug=slug, answer=answer)


@bp.get("/c/<slug>/judge/record")
@identity.sign_in_needed
def own_record(slug: str) -> ResponseReturnValue:
    view = show_own_record.show_own_record(slug, account_id=identity.member_id(), now=clock.now())
    return render_template("review/record.html", view=view)


@bp.post("/c/<slug>/judge/record/<int:judgement_id>/dispute")
@identity.sign_in_needed
@limits.judging
def dispute(slug: str, judgement_id: int) -> ResponseReturnValue:
    dispute_gold.dispute_gold(
        judgement_id,
        judge_id=identity.member_id(),
        reason=request.form.get("reason", ""),
        now=clock.now(),
    )
    flash("Your word is with the team. Their answer will be here.")
    return redirect(url_for("review.own_record", slug=slug), 303)


@bp.get("/c/<slug>/qualify")
@identity.sign_in_needed
def qualification(slug: str) -> ResponseReturnValue:
    view = qualify.show_qualification(slug, account_id=identity.member_id(), now=clock.now())
    return render_template("review/qualify.html", view=view)


@bp.post("/c/<slug>/qualify")
@identity.sign_in_needed
def take_qualification(slug: str) -> ResponseReturnValue:
    answers = {
        int(name.removeprefix("item-")): given for name, given in request.form.items() if ITEM.fullmatch(name)
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


def shown(view: JudgingView) -> dict[str, object]:
    """What the judge's templates need. The question before a page is asked once."""
    asked = view.check if view.item and session.get(CHECKED) != view.item.public_id else None
    return {"view": view, "cannot": CANNOT, "shown_at": clock.now().timestamp(), "asked": asked}


def seconds_taken() -> float:
    """How long the judge looked: what the script measured, or the time since the page was drawn."""
    try:
        measured = request.form.get("seconds")
        seconds = float(measured) if measured else clock.now().timestamp() - float(request.form["shown_at"])
    except (ValueError, KeyError) as error:
        raise Invalid("We could not read how long you looked. Reload the page and answer again.") from error
    return min(max(seconds, 0.0), LONGEST_LOOK) if seconds == seconds else 0.0
