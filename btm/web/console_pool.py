"""A challenge's pool for its modelers: import a set of pages, have it judged where it pays most, watch it become good, take it away."""

from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import RequestEntityTooLarge

from btm.rules.errors import Conflict, DomainError, Invalid, TooMany
from btm.rules.repeated_labelling import LMU
from btm.services import export_pool, import_pool, list_pool, show_pool
from btm.web import charts_pool, clock, console_work, corpus, identity, uploads
from btm.web.console import open_desk
from btm.web.console_audits import whole

bp = Blueprint("console_pool", __name__, url_prefix="/console/c/<slug>/pool")
bp.register_error_handler(RequestEntityTooLarge, console_work.too_large)

MOST = 200
HOW_MANY = "How many pages?"


@bp.get("")
@identity.modeler_needed
def pool(slug: str) -> ResponseReturnValue:
    return pool_page(slug)


@bp.post("")
@identity.modeler_needed
def start(slug: str) -> ResponseReturnValue:
    try:
        public_id = start_import(slug)
    except Invalid as error:
        return pool_page(slug, console_work.at_file(error), "import")
    except (Conflict, TooMany) as error:
        return pool_page(slug, error, "import")
    return redirect(url_for("console_work.task", public_id=public_id), 303)


@bp.post("/review")
@identity.modeler_needed
def review(slug: str) -> ResponseReturnValue:
    try:
        count = import_pool.put_up_more(
            slug,
            ranking=request.form.get("ranking", LMU),
            most=whole("most", HOW_MANY),
            asker_id=identity.member_id(),
            now=clock.now(),
        )
    except (Conflict, Invalid) as error:
        return pool_page(slug, error, "review")
    flash(f"{count:,} more {'page waits' if count == 1 else 'pages wait'} for judges.")
    return redirect(url_for("console_pool.pool", slug=slug), 303)


@bp.get('/pool.<any(csv, jsonl, "label-studio", "label-studio-config", "crowd-kit", hf):format>')
@identity.modeler_needed
def export(slug: str, format: str) -> Response:
    rows = export_pool.export_pool(slug, format, asker_id=identity.member_id(), now=clock.now())
    return corpus.attachment(
        rows, f"{slug}-pool.{corpus.ENDINGS.get(format, format)}", corpus.MIME_TYPES[format]
    )


def start_import(slug: str) -> str:
    most = whole("most", HOW_MANY)
    file = console_work.chosen_file()
    return import_pool.start_pool_import(
        slug,
        file.data,
        format=file.format,
        ranking=request.form.get("ranking", LMU),
        most=most,
        data_name=file.name,
        asker_id=identity.member_id(),
        snapshots=uploads.snapshots(),
        now=clock.now(),
        new_id=identity.new_id(),
    )


def pool_page(slug: str, fault: DomainError | None = None, form: str = "") -> ResponseReturnValue:
    """The page, with what was wrong in one of its forms (import or review)."""
    asker_id = identity.member_id()
    desk = open_desk(slug)
    page = render_template(
        "collecting/pool.html",
        view=show_pool.show_pool(slug, asker_id=asker_id),
        listed=list_pool.list_pool(
            slug,
            state=request.args.get("state", ""),
            cursor=request.args.get("cursor"),
            asker_id=asker_id,
        ),
        desk=desk,
        task=next((each for each in desk.tasks if each.kind == "pool"), None),
        fault=fault,
        form=form,
        megabytes=uploads.MEGABYTES,
        most=request.form.get("most", MOST),
        ranking=request.form.get("ranking", LMU),
    )
    return page, fault.status if fault else 200


@bp.record_once
def hand_over(state: BlueprintSetupState) -> None:
    """The geometry of the picture, for templates/charts/pool.html."""
    state.app.jinja_env.globals["pool_charts"] = charts_pool
