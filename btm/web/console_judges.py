"""The judges of a challenge for its modelers: who they are, how far they agree, what they could not decide, and the gold."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue

from btm.rules.errors import DomainError, Invalid
from btm.services import (
    change_standing,
    decide_at_desk,
    decide_dispute,
    mark_gold,
    retire_gold,
    show_agreement,
    show_challenge,
    show_desk,
    show_gold,
    show_judge,
    show_judges,
    show_players,
)
from btm.web import charts_judges, clock, identity
from btm.web.console import Desk

bp = Blueprint("console_judges", __name__, url_prefix="/console/c/<slug>")

SORTS = {
    "judgements": "Most judgements",
    "quality": "Lowest quality",
    "gold": "Weakest on gold",
    "pace": "Fastest",
    "earned": "Most earned",
    "recent": "Last seen",
}


@bp.get("/judges")
@identity.modeler_needed
def judges(slug: str) -> ResponseReturnValue:
    sort = request.args.get("sort", "")
    sort = sort if sort in SORTS else next(iter(SORTS))
    cursor = request.args.get("cursor") or None
    view = show_judges.show_judges(
        slug, asker_id=identity.member_id(), sort=sort, cursor=cursor, now=clock.now()
    )
    agreement = show_agreement.show_agreement(slug, asker_id=identity.member_id())
    return render_template(
        "judges/list.html",
        desk=challenge_of(slug),
        view=view,
        agreement=agreement,
        sort=sort,
        sorts=SORTS,
        is_first_page=cursor is None,
    )


@bp.get("/players")
@identity.modeler_needed
def players(slug: str) -> ResponseReturnValue:
    view = show_players.show_players(slug, asker_id=identity.member_id(), now=clock.now())
    return render_template("judges/players.html", desk=challenge_of(slug), view=view)


@bp.get("/judges/<int:account_id>")
@identity.modeler_needed
def judge(slug: str, account_id: int) -> ResponseReturnValue:
    return judge_page(slug, account_id)


@bp.post("/judges/<int:account_id>/block")
@identity.modeler_needed
def block(slug: str, account_id: int) -> ResponseReturnValue:
    try:
        change_standing.block_judge(
            slug, account_id, note=note(), asker_id=identity.member_id(), now=clock.now()
        )
    except Invalid as error:
        return judge_page(slug, account_id, error)
    flash("Blocked. Their answers are being withdrawn.")
    return redirect(url_for("console_judges.judge", slug=slug, account_id=account_id), 303)


@bp.post("/judges/<int:account_id>/lift")
@identity.modeler_needed
def lift(slug: str, account_id: int) -> ResponseReturnValue:
    try:
        change_standing.lift_block(
            slug, account_id, note=note(), asker_id=identity.member_id(), now=clock.now()
        )
    except Invalid as error:
        return judge_page(slug, account_id, error)
    flash("The block is lifted. They may judge again.")
    return redirect(url_for("console_judges.judge", slug=slug, account_id=account_id), 303)


@bp.get("/desk")
@bp.get("/desk/<item>")
@identity.modeler_needed
def desk(slug: str, item: str | None = None) -> ResponseReturnValue:
    return desk_page(slug, item)


@bp.post("/desk/<item>")
@identity.modeler_needed
def decide(slug: str, item: str) -> ResponseReturnValue:
    form = request.form
    label, reason = form.get("label", ""), form.get("reason", "").strip()
    try:
        if not label:
            raise Invalid("Say first what the page is.", field="label")
        decide_at_desk.decide_at_desk(
            slug, item, label=label, reason=reason, asker_id=identity.member_id(), now=clock.now()
        )
    except Invalid as error:
        return desk_page(slug, item, error)
    flash("Decided.")
    if form.get("as_gold"):
        make_gold(slug, item, label, reason)
    return redirect(url_for("console_judges.desk", slug=slug), 303)


@bp.get("/gold")
@identity.modeler_needed
def gold(slug: str) -> ResponseReturnValue:
    return gold_page(slug)


@bp.post("/gold/mark/<item>")
@identity.modeler_needed
def mark(slug: str, item: str) -> ResponseReturnValue:
    truth, why = request.form.get("truth", ""), request.form.get("why", "").strip()
    try:
        mark_as_gold(slug, item, truth, why)
    except Invalid as error:
        return gold_page(slug, error, item)
    flash("It is gold from now on.")
    return to_gold(slug)


@bp.post("/gold/<public_id>/retire")
@identity.modeler_needed
def retire(slug: str, public_id: str) -> ResponseReturnValue:
    retire_gold.retire_gold(slug, public_id, asker_id=identity.member_id(), now=clock.now())
    flash("Retired. Nobody is asked it from now on; the answers to it still count.")
    return to_gold(slug)


@bp.post("/gold/disputes/<int:dispute_id>")
@identity.modeler_needed
def dispute(slug: str, dispute_id: int) -> ResponseReturnValue:
    upheld = request.form.get("upheld") == "1"
    try:
        if request.form.get("upheld") not in ("0", "1"):
            raise Invalid("Say first whether they are right.", field="upheld")
        decide_dispute.decide_dispute(
            slug,
            dispute_id,
            upheld=upheld,
            answer=request.form.get("answer", "").strip(),
            asker_id=identity.member_id(),
            now=clock.now(),
        )
    except Invalid as error:
        return gold_page(slug, error, f"dispute-{dispute_id}")
    flash("Upheld. Their record is repaired." if upheld else "Declined. They will read your answer.")
    return to_gold(slug)


def challenge_of(slug: str) -> Desk:
    """The challenge, as the console's pages name it. Whether the asker models it, the service called before has said."""
    view = show_challenge.show_challenge(slug, now=clock.now(), viewer_id=identity.member_id())
    return Desk(view, ())


def judge_page(slug: str, account_id: int, fault: Invalid | None = None) -> ResponseReturnValue:
    view = show_judge.show_judge(
        slug,
        account_id,
        asker_id=identity.member_id(),
        cursor=request.args.get("cursor") or None,
        now=clock.now(),
    )
    page = render_template("judges/judge.html", desk=challenge_of(slug), view=view, fault=fault)
    return page, status_of(fault)


def desk_page(slug: str, item: str | None, fault: Invalid | None = None) -> ResponseReturnValue:
    view = show_desk.show_desk(slug, asker_id=identity.member_id(), item_public_id=item)
    page = render_template("judges/desk.html", desk=challenge_of(slug), view=view, fault=fault)
    return page, status_of(fault)


def gold_page(slug: str, fault: Invalid | None = None, at: str = "") -> ResponseReturnValue:
    """`at` names the form that `fault` belongs to: an item, or `dispute-` and its number."""
    view = show_gold.show_gold(
        slug, asker_id=identity.member_id(), cursor=request.args.get("cursor") or None, now=clock.now()
    )
    page = render_template("judges/gold.html", desk=challenge_of(slug), view=view, fault=fault, fault_at=at)
    return page, status_of(fault)


def status_of(fault: Invalid | None) -> int:
    return fault.status if fault else 200


def note() -> str:
    """What the modeler wrote. Raises Invalid without a word."""
    written = request.form.get("note", "").strip()
    if not written:
        raise Invalid("Give a reason first: the judge can read it.", field="note")
    return written


def make_gold(slug: str, item: str, truth: str, why: str) -> None:
    """Mark what was just decided. The decision stands also where this cannot be done, and then it says why not."""
    try:
        mark_as_gold(slug, item, truth, why)
    except DomainError as error:
        flash(f"It did not become gold: {error.sentence}")
    else:
        flash("It is gold from now on.")


def mark_as_gold(slug: str, item: str, truth: str, why: str) -> None:
    mark_gold.mark_gold(
        slug,
        item,
        truth=truth,
        why=why,
        asker_id=identity.member_id(),
        now=clock.now(),
        new_id=identity.new_id(),
    )


def to_gold(slug: str) -> ResponseReturnValue:
    return redirect(url_for("console_judges.gold", slug=slug), 303)


@bp.record_once
def hand_over(state: BlueprintSetupState) -> None:
    """The geometry of pictures, for the templates in templates/judges/."""
    state.app.jinja_env.globals["judge_charts"] = charts_judges
