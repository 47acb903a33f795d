"""Points and money: a person's statement, and the boards."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from btm.services import show_leaderboard, show_statement
from btm.web import clock, corpus, identity

bp = Blueprint("money", __name__)


@bp.get("/me")
@identity.sign_in_needed
def statement() -> ResponseReturnValue:
    cursor = request.args.get("cursor")
    view = show_statement.show_statement(identity.member_id(), now=clock.now(), cursor=cursor)
    return render_template("money/statement.html", statement=view, is_first_page=not cursor)


@bp.get("/me/statement.csv")
@identity.sign_in_needed
def statement_file() -> ResponseReturnValue:
    rows = show_statement.write_statement(identity.member_id())
    return corpus.attachment(rows, "statement.csv", "text/csv; charset=utf-8")


@bp.get("/leaderboard")
def leaderboard() -> ResponseReturnValue:
    return board(request.args.get("challenge") or None)


@bp.get("/c/<slug>/leaderboard")
def challenge_leaderboard(slug: str) -> ResponseReturnValue:
    return board(slug)


def board(slug: str | None) -> ResponseReturnValue:
    period = "all" if request.args.get("period") == "all" else "week"
    view = show_leaderboard.show_leaderboard(
        slug=slug, period=period, viewer_id=identity.viewer_id(), now=clock.now()
    )
    return render_template("money/leaderboard.html", board=view)
