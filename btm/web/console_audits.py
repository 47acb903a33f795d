"""Inspections of a challenge for its modelers: the machine's own output, drawn at random by stratum and judged like any other page."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import RequestEntityTooLarge

from btm.rules.errors import Conflict, DomainError, Invalid, TooMany
from btm.services import show_audit, start_audit
from btm.web import clock, console_work, identity, uploads
from btm.web.console_judges import challenge_of

bp = Blueprint("console_audits", __name__, url_prefix="/console/c/<slug>/audits")
bp.register_error_handler(RequestEntityTooLarge, console_work.too_large)

BINS, WANTED = 10, 500


@bp.get("")
@identity.modeler_needed
def audits(slug: str) -> ResponseReturnValue:
    return audits_page(slug)


@bp.post("")
@identity.modeler_needed
def start(slug: str) -> ResponseReturnValue:
    try:
        public_id = start_inspection(slug)
    except Invalid as error:
        return audits_page(slug, console_work.at_file(error))
    except (Conflict, TooMany) as error:
        return audits_page(slug, error)
    return redirect(url_for("console_work.task", public_id=public_id), 303)


@bp.get("/<audit_id>")
@identity.modeler_needed
def audit(slug: str, audit_id: str) -> ResponseReturnValue:
    view = show_audit.show_audit(slug, audit_id, asker_id=identity.member_id())
    return render_template("clusters/audit.html", desk=challenge_of(slug), view=view)


def start_inspection(slug: str) -> str:
    bins = whole("bins", "How many strata?")
    wanted = whole("wanted", "How many pages?")
    file = console_work.chosen_file()
    return start_audit.start_audit(
        slug,
        file.data,
        format=file.format,
        bins=bins,
        wanted=wanted,
        data_name=file.name,
        asker_id=identity.member_id(),
        snapshots=uploads.snapshots(),
        now=clock.now(),
        new_id=identity.new_id(),
    )


def whole(field: str, question: str) -> int:
    """A whole number of the form. Raises Invalid for anything else."""
    written = request.form.get(field, "").replace("\u202f", "").replace(" ", "")
    if not (written.isascii() and written.isdigit() and len(written) < 10):
        raise Invalid(f"{question} Write a whole number.", field=field)
    return int(written)


def audits_page(slug: str, fault: DomainError | None = None) -> ResponseReturnValue:
    page = render_template(
        "clusters/audits.html",
        audits=show_audit.list_audits(slug, asker_id=identity.member_id()),
        desk=challenge_of(slug),
        fault=fault,
        megabytes=uploads.MEGABYTES,
        bins=request.form.get("bins", BINS),
        wanted=request.form.get("wanted", WANTED),
    )
    return page, fault.status if fault else 200
