"""All challenges that somebody models, whatever their state, and new ones: from nothing, from a starting point, from a file."""

from __future__ import annotations

import secrets
from dataclasses import replace

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from btm.rules.challenge_states import STATES
from btm.rules.errors import DomainError, Forbidden, Invalid
from btm.services import clone_challenge, create_challenge, import_challenge, list_authored, list_starters
from btm.web import clock, identity

bp = Blueprint("console_challenges", __name__, url_prefix="/console/challenges")

MOST = 100
ORDER = ("draft", "live", "paused", "archived")
DRAFT = "Here is your draft. Nobody but its modelers sees it until it goes live."


def new_salt() -> str:
    return secrets.token_hex(16)


@bp.get("")
@identity.modeler_needed
def challenges() -> ResponseReturnValue:
    asker = identity.member_id()
    found = list_authored.list_authored(asker_id=asker, now=clock.now())
    state = request.args.get("state", "")
    state = state if state in STATES else ""
    shown = [each for each in found if each.state == state or (not state and each.state != "archived")]
    shown.sort(key=lambda each: ORDER.index(each.state))
    return render_template(
        "authoring/list.html",
        rows=shown if request.args.get("all") else shown[:MOST],
        total=len(shown),
        counts={each: sum(row.state == each for row in found) for each in ORDER},
        state=state,
        may_add=list_authored.may_add(asker_id=asker),
    )


@bp.get("/new")
@identity.modeler_needed
def new() -> ResponseReturnValue:
    return new_page()


@bp.post("/new")
@identity.modeler_needed
def create() -> ResponseReturnValue:
    """A draft from a starting point; without one, from nothing."""
    try:
        design = list_starters.read_starter(request.form.get("starter") or "blank")
        title = " ".join(request.form.get("title", "").split())
        if len(title) > 200:
            raise Invalid("This title has more than 200 characters. Make it shorter.", field="title")
        slug = create_challenge.create_challenge(
            replace(design, title=title or design.title),
            asker_id=identity.member_id(),
            now=clock.now(),
            new_salt=new_salt,
        )
    except Invalid as error:
        return new_page(error)
    flash(DRAFT)
    return redirect(url_for("console_writing.step", slug=slug, step="brief"), 303)


@bp.post("/copy")
@identity.modeler_needed
def copy() -> ResponseReturnValue:
    """A draft that says what another challenge says."""
    slug = clone_challenge.clone_challenge(
        request.form.get("of", ""),
        asker_id=identity.member_id(),
        now=clock.now(),
        new_salt=new_salt,
        same_topic="same_topic" in request.form,
    )
    flash(DRAFT)
    return redirect(url_for("console_writing.step", slug=slug, step="brief"), 303)


@bp.post("/import")
@identity.modeler_needed
def from_file() -> ResponseReturnValue:
    """A draft of a challenge's YAML, chosen as a file or pasted. What cannot be read comes back to be mended in place."""
    file = request.files.get("file")
    sent: str | bytes = file.read() if file and file.filename else request.form.get("text", "")
    try:
        slug = import_challenge.import_challenge(
            sent,
            asker_id=identity.member_id(),
            now=clock.now(),
            new_salt=new_salt,
            slug=request.form.get("slug", "").strip(),
        )
    except Invalid as error:
        text = sent.decode("utf-8", "replace") if isinstance(sent, bytes) else sent
        return new_page(error, text=text)
    flash(DRAFT)
    return redirect(url_for("console_writing.step", slug=slug, step="brief"), 303)


def new_page(fault: DomainError | None = None, text: str = "") -> ResponseReturnValue:
    asker = identity.member_id()
    if not list_authored.may_add(asker_id=asker):
        raise Forbidden(
            "New challenges are made by admins, and by modelers of all challenges. Ask an admin.",
            code="not_creator",
        )
    starters = [each for each in list_starters.list_starters() if each.name != "blank"]
    page = render_template(
        "authoring/new.html",
        starters=starters,
        own=list_authored.list_authored(asker_id=asker, now=clock.now()),
        fault=fault,
        text=text,
    )
    return page, fault.status if fault else 200
