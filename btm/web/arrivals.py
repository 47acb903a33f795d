"""People who come by a platform or an invite: what the task is, how far they are, and handing it in."""

from __future__ import annotations

from flask import Blueprint, abort, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from btm.platforms.directory import market_named
from btm.platforms.market import Arrival, Market
from btm.services import invites
from btm.services.arrive import show_arrival, start_assignment
from btm.services.finish_assignment import finish_assignment
from btm.services.views_platforms import AssignmentView
from btm.web import clock, frames, identity, limits

bp = Blueprint("arrivals", __name__)


@bp.get("/task/<public_id>")
@limits.arriving
def arrive(public_id: str) -> ResponseReturnValue:
    """Where a platform sends people. Who only looks is shown what it is, and leaves no trace."""
    view = show_arrival(public_id, now=clock.now())
    market = find_market(view.platform)
    frames.let_in(market.frames)
    arrival = market.read_arrival(request.args)
    if arrival is None or arrival.is_preview:
        return render_template(
            "arrivals/preview.html", view=view, is_lost=arrival is None and bool(request.args)
        )
    return redirect(f"{request.script_root}/at/{take(public_id, market, arrival)}/mine", 303)


def take(public_id: str, market: Market, arrival: Arrival) -> str:
    """The token of a new browser at the assignment. Asks the platform first, where it can tell."""
    token = identity.new_token()
    start_assignment(
        public_id, arrival, is_known=market.check_arrival(arrival), new_token=token, new_id=identity.new_id(),
        device=identity.device_name(), now=clock.now(),
    )  # fmt: skip
    return token


@bp.get("/mine")
def task() -> ResponseReturnValue:
    """How far the work is, and the way back once it is done."""
    assignment = at_assignment()
    back = None
    if assignment.state in ("done", "submitted", "approved"):
        market = find_market(assignment.platform)
        frames.let_hand_in(market.hand_in_origins)
        back = market.way_back(
            assignment.external_id, code=assignment.completion_code, pieces=assignment.done
        )
    return render_template("arrivals/task.html", back=back)


@bp.post("/mine/done")
def finish() -> ResponseReturnValue:
    finish_assignment(at_assignment().id, now=clock.now())
    return redirect(url_for("arrivals.task"), 303)


@bp.get("/i/<code>")
@limits.arriving
def invite(code: str) -> ResponseReturnValue:
    return render_template("arrivals/invite.html", view=invites.show_invite(code, now=clock.now()))


@bp.post("/i/<code>")
@identity.sign_in_needed
def accept(code: str) -> ResponseReturnValue:
    view = invites.use_invite(code, account_id=identity.member_id(), now=clock.now())
    where = "review.judge" if view.kind == "judge" else "challenges.challenge"
    return redirect(url_for(where, slug=view.challenge_slug), 303)


def at_assignment() -> AssignmentView:
    found = frames.current_assignment()
    if found is None:
        abort(404)
    return found


def find_market(name: str) -> Market:
    return market_named(name, current_app.extensions["btm_settings"])
