"""Bringing people to a challenge, for its modelers: work on platforms, what it costs, and invites."""

from __future__ import annotations

import secrets

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from btm.platforms.directory import MARKETS, is_set_up, market_named
from btm.platforms.market import Cost
from btm.rules.errors import Conflict, DomainError, Invalid
from btm.rules.works import WorkTerms, check_terms
from btm.services import invites
from btm.services.close_work import close_work
from btm.services.publish_work import publish_work
from btm.services.show_works import show_work, show_works
from btm.web import clock, identity
from btm.web.console import open_desk

bp = Blueprint("console_platforms", __name__, url_prefix="/console/c/<slug>/people")
NUMBERS = (
    ("pieces", "Pages in each assignment", "5"),
    ("places", "Assignments in all", "9"),
    ("reward", "Reward of an assignment, in cents", "50"),
    ("minutes", "Minutes for an assignment", "30"),
    ("days", "Days that it is offered", "3"),
)
DEMANDS = (
    ("min_approval", "Least share of somebody's work that was approved, in percent", "0"),
    ("min_approved", "Least number of somebody's tasks that were approved", "0"),
)


@bp.get("")
@identity.modeler_needed
def people(slug: str) -> ResponseReturnValue:
    return people_page(slug)


@bp.post("")
@identity.modeler_needed
def publish(slug: str) -> ResponseReturnValue:
    """Publish, or only say what it would cost."""
    settings = current_app.extensions["btm_settings"]
    try:
        terms = read_terms()
        check_terms(terms)
        market = market_named(request.form.get("platform", ""), settings)
        if "look" in request.form:
            return people_page(slug, cost=market.estimate(terms.reward, terms.places))
        view = publish_work(
            slug, terms, market=market, public_url=settings.public_url, asker_id=identity.member_id(),
            now=clock.now(), new_id=identity.new_id,
        )  # fmt: skip
    except (Invalid, Conflict) as error:
        return people_page(slug, error)
    return redirect(url_for("console_platforms.work", slug=slug, public_id=view.public_id), 303)


@bp.get("/<public_id>")
@identity.modeler_needed
def work(slug: str, public_id: str) -> ResponseReturnValue:
    view, assignments = show_work(slug, public_id, asker_id=identity.member_id())
    return render_template("platforms/work.html", desk=open_desk(slug), view=view, rows=assignments)


@bp.post("/<public_id>/close")
@identity.modeler_needed
def close(slug: str, public_id: str) -> ResponseReturnValue:
    close_work(slug, public_id, asker_id=identity.member_id(), now=clock.now())
    flash("Nobody new comes in. Who works may finish.")
    return redirect(url_for("console_platforms.work", slug=slug, public_id=public_id), 303)


@bp.post("/invites")
@identity.modeler_needed
def invite(slug: str) -> ResponseReturnValue:
    try:
        invites.make_invite(
            slug, kind=request.form.get("kind", ""), most_uses=whole("most_uses"),
            days=whole("invite_days") if request.form.get("invite_days", "").strip() else None,
            note=request.form.get("note", ""), asker_id=identity.member_id(), now=clock.now(),
            new_code=secrets.token_urlsafe(12),
        )  # fmt: skip
    except Invalid as error:
        return people_page(slug, error)
    return redirect(url_for("console_platforms.people", slug=slug), 303)


@bp.post("/invites/<code>/revoke")
@identity.modeler_needed
def revoke(slug: str, code: str) -> ResponseReturnValue:
    invites.revoke_invite(slug, code, asker_id=identity.member_id(), now=clock.now())
    return redirect(url_for("console_platforms.people", slug=slug), 303)


def people_page(slug: str, fault: DomainError | None = None, cost: Cost | None = None) -> ResponseReturnValue:
    asker = identity.member_id()
    settings = current_app.extensions["btm_settings"]
    page = render_template(
        "platforms/people.html", desk=open_desk(slug), works=show_works(slug, asker_id=asker), fault=fault, cost=cost,
        invites=invites.list_invites(slug, asker_id=asker, now=clock.now()), numbers=NUMBERS, demands=DEMANDS,
        markets=[name for name in MARKETS if is_set_up(name, settings)],
        base=settings.public_url or request.host_url.rstrip("/"),
    )  # fmt: skip
    return page, fault.status if fault else 200


def read_terms() -> WorkTerms:
    form = request.form
    return WorkTerms(
        kind=form.get("kind", ""), title=form.get("title", ""), description=form.get("description", ""),
        pieces=whole("pieces"), places=whole("places"), reward=whole("reward"), minutes=whole("minutes"),
        days=whole("days"), min_approval=whole("min_approval", "0"), min_approved=whole("min_approved", "0"),
        countries=tuple(form.get("countries", "").upper().replace(",", " ").split()), needs_test="needs_test" in form,
    )  # fmt: skip


def whole(name: str, empty: str = "") -> int:
    given = request.form.get(name, "").strip() or empty
    if not given.isdecimal() or len(given) > 9:
        raise Invalid("Enter a whole number.", field=name)
    return int(given)
