"""A challenge's money for its modelers: what the budget holds, how fast it is spent, how long it lasts, and when it stops."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue

from btm.rules.errors import Conflict, DomainError, Invalid
from btm.rules.reward_search import WORDS, Terms
from btm.rules.stops import Stops
from btm.services import fund_challenge, release_find, set_stops, show_budget, show_search, start_search
from btm.web import charts_money, clock, identity
from btm.web.console_judges import challenge_of

bp = Blueprint("console_money", __name__, url_prefix="/console/c/<slug>/money")


@bp.get("")
@identity.modeler_needed
def money(slug: str) -> ResponseReturnValue:
    return money_page(slug)


@bp.post("/fund")
@identity.modeler_needed
def fund(slug: str) -> ResponseReturnValue:
    try:
        points = whole("points") or 0
        if request.form.get("way") == "out":
            points = -points
        fund_challenge.fund_challenge(
            slug, points, asker_id=identity.member_id(), now=clock.now(), reason=request.form.get("reason", ""),
            key=request.form.get("key", "")[:40] or identity.new_id(),
        )  # fmt: skip
    except (Invalid, Conflict) as error:
        return money_page(slug, error)
    flash(f"{abs(points):,} points were {'taken out' if points < 0 else 'put in'}.")
    return redirect(url_for("console_money.money", slug=slug), 303)


@bp.post("/stops")
@identity.modeler_needed
def stops(slug: str) -> ResponseReturnValue:
    try:
        conditions = Stops(moment("until"), whole("finds"), whole("spent"), whole("keep_free"))
        set_stops.set_stops(slug, conditions, asker_id=identity.member_id(), now=clock.now())
    except Invalid as error:
        return money_page(slug, error)
    flash("From now on it stops as you said.")
    return redirect(url_for("console_money.money", slug=slug), 303)


@bp.post("/held/<public_id>")
@identity.modeler_needed
def held(slug: str, public_id: str) -> ResponseReturnValue:
    """Pay a find all the same, or take its page to the desk."""
    to_desk = request.form.get("way") == "desk"
    say = release_find.question_find if to_desk else release_find.release_find
    try:
        found = say(slug, public_id, asker_id=identity.member_id(), now=clock.now())
    except Conflict as error:
        return money_page(slug, error)
    if to_desk:
        return redirect(url_for("console_judges.desk", slug=slug, item=found.item), 303)
    flash(f"{found.points:,} points go into the next batch of payments.")
    return redirect(url_for("console_money.money", slug=slug, _anchor="held-heading"), 303)


@bp.get("/search")
@identity.modeler_needed
def search(slug: str) -> ResponseReturnValue:
    return search_page(slug)


@bp.post("/search")
@identity.modeler_needed
def begin(slug: str) -> ResponseReturnValue:
    try:
        terms = Terms(
            share("keep_pace"), share("keep_quality"), whole("least_hours") or 0, whole("least_pages") or 0
        )
        start_search.start_search(
            slug, terms, asker_id=identity.member_id(), now=clock.now(), new_id=identity.new_id()
        )
    except (Invalid, Conflict) as error:
        return search_page(slug, error)
    flash("The search has begun.")
    return redirect(url_for("console_money.search", slug=slug), 303)


@bp.post("/search/stop")
@identity.modeler_needed
def stop(slug: str) -> ResponseReturnValue:
    try:
        start_search.stop_search(slug, asker_id=identity.member_id(), now=clock.now())
    except Conflict as error:
        return search_page(slug, error)
    flash("The search has ended, and the reward is the last that held.")
    return redirect(url_for("console_money.search", slug=slug), 303)


def search_page(slug: str, fault: DomainError | None = None) -> ResponseReturnValue:
    view = show_search.show_search(slug, asker_id=identity.member_id(), now=clock.now())
    page = render_template(
        "money/search.html", view=view, desk=challenge_of(slug), fault=fault, terms=Terms(), words=WORDS
    )
    return page, fault.status if fault else 200


def share(field: str) -> float:
    """A percentage of the form as a share. Raises Invalid for anything else."""
    return (whole(field) or 0) / 100


def money_page(slug: str, fault: DomainError | None = None) -> ResponseReturnValue:
    view = show_budget.show_budget(slug, asker_id=identity.member_id(), now=clock.now())
    waits = release_find.list_held(slug, asker_id=identity.member_id(), now=clock.now())
    page = render_template(
        "money/budget.html",
        view=view,
        waits=waits,
        desk=challenge_of(slug),
        fault=fault,
        key=identity.new_id(),
        now=clock.now(),
    )
    return page, fault.status if fault else 200


def whole(field: str) -> int | None:
    """A whole number of the form, or None where it was left empty. Raises Invalid for anything else."""
    written = request.form.get(field, "").replace("\u202f", "").replace(",", "").replace(" ", "")
    if not written:
        return None
    if not (written.isascii() and written.isdigit() and len(written) < 15):
        raise Invalid("Write a whole number.", field=field)
    return int(written)


def moment(field: str) -> datetime | None:
    """A moment of the form, in UTC unless it says another zone, or None where it was left empty. Raises Invalid for anything else."""
    written = request.form.get(field, "").strip()
    if not written:
        return None
    try:
        told = datetime.fromisoformat(written)
        return told.astimezone(UTC) if told.tzinfo else told.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise Invalid("Write a day as 2027-05-01, or a moment as 2027-05-01T18:00.", field=field) from error


@bp.record_once
def hand_over(state: BlueprintSetupState) -> None:
    """The geometry of this wing's charts, for the templates."""
    state.app.jinja_env.globals["money_charts"] = charts_money
