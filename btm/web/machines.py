"""The machines and their cards, for anybody to read."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from btm.services import show_machine
from btm.web import clock

bp = Blueprint("machines", __name__)


@bp.get("/machines")
def machines() -> ResponseReturnValue:
    return render_template("machines/list.html", machines=show_machine.list_machines(now=clock.now()))


@bp.get("/machines/<name>")
def machine(name: str) -> ResponseReturnValue:
    view = show_machine.show_machine(name, request.args.get("version") or None, now=clock.now())
    return render_template("machines/machine.html", machine=view)
