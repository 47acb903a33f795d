"""A challenge's examples for its modelers: what is there, what is missing, the first machine, and the lists of addresses."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from btm.rules.errors import Conflict, DomainError, Invalid, TooMany
from btm.services import export_urls, show_collecting, train_first_machine
from btm.web import clock, corpus, identity
from btm.web.console_judges import challenge_of

bp = Blueprint("console_collect", __name__, url_prefix="/console/c/<slug>/examples")

MIME_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "jsonl": "application/x-ndjson; charset=utf-8",
    "txt": "text/plain; charset=utf-8",
}


@bp.get("")
@identity.modeler_needed
def examples(slug: str) -> ResponseReturnValue:
    return examples_page(slug)


@bp.post("/train")
@identity.modeler_needed
def train(slug: str) -> ResponseReturnValue:
    try:
        public_id = train_first_machine.start_first_machine(
            slug,
            name=request.form.get("name", "").strip(),
            asker_id=identity.member_id(),
            now=clock.now(),
            new_id=identity.new_id(),
        )
    except (Conflict, Invalid, TooMany) as error:
        return examples_page(slug, error)
    return redirect(url_for("console_work.task", public_id=public_id), 303)


@bp.get("/urls.<any(csv, json, jsonl, txt):format>")
@identity.modeler_needed
def urls(slug: str, format: str) -> Response:
    which = request.args.get("which", "all")
    rows = export_urls.export_urls(slug, format, which=which, asker_id=identity.member_id(), now=clock.now())
    return corpus.attachment(rows, f"{slug}-{which}-urls.{format}", MIME_TYPES[format])


def examples_page(slug: str, fault: DomainError | None = None) -> ResponseReturnValue:
    view = show_collecting.show_collecting(slug, asker_id=identity.member_id())
    page = render_template(
        "collecting/examples.html",
        view=view,
        desk=challenge_of(slug),
        fault=fault,
        name=request.form.get("name", view.suggested_name),
    )
    return page, fault.status if fault else 200
