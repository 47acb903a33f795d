"""What was taken down from a challenge, for its modelers, and taking a page down."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from btm.rules.errors import DomainError, Invalid, NotFound
from btm.rules.takedowns import REASONS
from btm.services import show_takedowns, take_down
from btm.web import clock, identity
from btm.web.console_judges import challenge_of

bp = Blueprint("console_takedowns", __name__, url_prefix="/console/c/<slug>")

WORDS = {
    "illegal": "It is illegal, or nobody may hand it in",
    "private": "It is about somebody who did not agree to that",
    "rights": "Whoever it belongs to asked us to",
    "harmful": "It could harm those who see it",
    "other": "Something else",
}


@bp.get("/takedowns")
@identity.modeler_needed
def takedowns(slug: str) -> ResponseReturnValue:
    return takedowns_page(slug, request.args.get("what", ""))


@bp.post("/takedowns")
@identity.modeler_needed
def take(slug: str) -> ResponseReturnValue:
    form = request.form
    try:
        take_down.take_down(
            slug,
            form.get("what", ""),
            reason=form.get("reason", ""),
            note=form.get("note", ""),
            asker_id=identity.member_id(),
            now=clock.now(),
            new_id=identity.new_id(),
        )
    except (Invalid, NotFound) as error:
        return takedowns_page(slug, form.get("what", ""), error)
    flash("Taken down. Nothing of it is shown any more, and its bytes are being removed.")
    return redirect(url_for("console_takedowns.takedowns", slug=slug), 303)


def takedowns_page(slug: str, what: str, fault: DomainError | None = None) -> ResponseReturnValue:
    cursor = request.args.get("cursor") or None
    view = show_takedowns.show_takedowns(slug, asker_id=identity.member_id(), cursor=cursor)
    page = render_template(
        "takedowns/takedowns.html",
        desk=challenge_of(slug),
        view=view,
        what=what,
        words={reason: WORDS[reason] for reason in REASONS},
        fault=fault,
        is_first_page=cursor is None,
    )
    return page, fault.status if fault else 200
