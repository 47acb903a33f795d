"""Rounds of a challenge for its modelers: a machine that learned from the corpus, with proof, and letting it play or not."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import RequestEntityTooLarge

from btm.rules.errors import Conflict, DomainError, Invalid, TooMany
from btm.services import promote_round, roll_back_round, show_rounds, start_round
from btm.services.views_clusters import RoundView
from btm.web import clock, console_work, identity, uploads
from btm.web.console_judges import challenge_of

bp = Blueprint("console_rounds", __name__, url_prefix="/console/c/<slug>/rounds")
bp.register_error_handler(RequestEntityTooLarge, console_work.too_large)

KINDS = {
    "": ("Whatever fits", "A machine that was trained here is trained anew; any other gets a correction."),
    "candidate": ("Train anew", "On base data and corpus together. Base data is needed."),
    "correction": ("Correct it", "A layer over the machine that plays, which itself stays as it is."),
}


@bp.get("")
@identity.modeler_needed
def rounds(slug: str) -> ResponseReturnValue:
    return rounds_page(slug)


@bp.post("")
@identity.modeler_needed
def start(slug: str) -> ResponseReturnValue:
    try:
        public_id = start_learning(slug)
    except Invalid as error:
        return rounds_page(slug, console_work.at_file(error))
    except (Conflict, TooMany) as error:
        return rounds_page(slug, error)
    return redirect(url_for("console_rounds.round", slug=slug, round_id=public_id), 303)


@bp.get("/<round_id>")
@identity.modeler_needed
def round(slug: str, round_id: str) -> ResponseReturnValue:
    view = find_round(slug, round_id)
    return render_template("clusters/round.html", desk=challenge_of(slug), view=view)


@bp.get("/<round_id>/card")
@identity.modeler_needed
def card(slug: str, round_id: str) -> ResponseReturnValue:
    return render_template("clusters/round_card.html", slug=slug, view=find_round(slug, round_id))


@bp.get("/<round_id>/promote")
@identity.modeler_needed
def ask_promotion(slug: str, round_id: str) -> ResponseReturnValue:
    return promotion_page(slug, round_id)


@bp.post("/<round_id>/promote")
@identity.modeler_needed
def promote(slug: str, round_id: str) -> ResponseReturnValue:
    try:
        view = promote_round.promote_round(
            slug,
            round_id,
            asker_id=identity.member_id(),
            now=clock.now(),
            force=request.form.get("force") == "1",
        )
    except Conflict as error:
        if error.code != "not_advised":
            raise
        return promotion_page(slug, round_id, error)
    flash(f"{view.candidate} plays from now on. Every find of the corpus is being asked again.")
    return redirect(url_for("console_rounds.round", slug=slug, round_id=round_id), 303)


@bp.get("/<round_id>/roll-back")
@identity.modeler_needed
def ask_roll_back(slug: str, round_id: str) -> ResponseReturnValue:
    view = find_round(slug, round_id)
    return render_template("clusters/roll_back.html", desk=challenge_of(slug), view=view)


@bp.post("/<round_id>/roll-back")
@identity.modeler_needed
def roll_back(slug: str, round_id: str) -> ResponseReturnValue:
    view = roll_back_round.roll_back_round(slug, round_id, asker_id=identity.member_id(), now=clock.now())
    flash(f"{view.base} plays again.")
    return redirect(url_for("console_rounds.round", slug=slug, round_id=round_id), 303)


def start_learning(slug: str) -> str:
    kind = request.form.get("kind", "")
    base, natural = uploads.read(), uploads.read("natural")
    return start_round.start_round(
        slug,
        kind=kind or None,
        data=base.data if base else None,
        format=base.format if base else "csv",
        data_name=base.name if base else "",
        natural=natural.data if natural else None,
        asker_id=identity.member_id(),
        snapshots=uploads.snapshots(),
        now=clock.now(),
        new_id=identity.new_id(),
    )


def find_round(slug: str, round_id: str) -> RoundView:
    return show_rounds.show_round(slug, round_id, asker_id=identity.member_id())


def promotion_page(slug: str, round_id: str, fault: Conflict | None = None) -> ResponseReturnValue:
    view = find_round(slug, round_id)
    page = render_template("clusters/promote.html", desk=challenge_of(slug), view=view, fault=fault)
    return page, fault.status if fault else 200


def rounds_page(slug: str, fault: DomainError | None = None) -> ResponseReturnValue:
    page = render_template(
        "clusters/rounds.html",
        rounds=show_rounds.show_rounds(slug, asker_id=identity.member_id()),
        desk=challenge_of(slug),
        fault=fault,
        kinds=KINDS,
        kind=request.form.get("kind", ""),
        megabytes=uploads.MEGABYTES,
    )
    return page, fault.status if fault else 200
