"""The challenges: what is sought, what it pays, and one box to paste an address into."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, render_template, request
from flask.typing import ResponseReturnValue

from btm.services import list_challenges, list_submissions, show_challenge
from btm.services.views_play import SubmissionView
from btm.web import clock, identity
from btm.web.forms import ProbeForm

bp = Blueprint("challenges", __name__)

SORTS = {"reward": "Reward", "newest": "Newest", "wanted": "Most wanted"}
ROBOTS = (
    "User-agent: *\nDisallow: /me\nDisallow: /s/\nDisallow: /console\nDisallow: /login\nDisallow: /register\n"
)


@bp.get("/")
def home() -> ResponseReturnValue:
    sort = request.args.get("sort", "reward")
    sort = sort if sort in SORTS else "reward"
    cards = list_challenges.list_challenges(sort, now=clock.now())
    return render_template("challenges/home.html", cards=cards, sort=sort, sorts=SORTS)


@bp.get("/c/<slug>")
def challenge(slug: str) -> ResponseReturnValue:
    return render_challenge(slug, ProbeForm())


def render_challenge(slug: str, form: ProbeForm, status: int = 200) -> ResponseReturnValue:
    """The challenge's page, with whatever was typed into its box."""
    viewer = identity.viewer_id()
    view = show_challenge.show_challenge(slug, now=clock.now(), viewer_id=viewer)
    mine: list[SubmissionView] = []
    more = None
    if viewer is not None:
        mine, more = list_submissions.list_submissions(viewer, slug=slug, now=clock.now())
    template = "challenges/collect.html" if view.card.mode == "collect" else "challenges/challenge.html"
    page = render_template(template, challenge=view, form=form, submissions=mine, has_more=more is not None)
    return page, status


@bp.get("/about")
def about() -> ResponseReturnValue:
    return render_template("challenges/about.html")


@bp.get("/healthz")
def healthz() -> ResponseReturnValue:
    return jsonify(ok=True)


@bp.get("/robots.txt")
def robots() -> ResponseReturnValue:
    return Response(ROBOTS, mimetype="text/plain")
