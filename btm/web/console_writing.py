"""Writing a challenge in steps: each is a form that keeps what was typed until it can be saved, then the way live and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from btm.rules.errors import Conflict, DomainError, Forbidden, Invalid, NotFound
from btm.rules.presets import PRESETS
from btm.rules.setting_help import GROUPS, settings
from btm.rules.worked_example import WorkedExample
from btm.services import (
    change_challenge_state,
    edit_challenge,
    export_challenge,
    show_authoring,
    show_example,
)
from btm.services.views_authoring import AuthoringView
from btm.web import clock, design_forms, identity, uploads
from btm.web.console import Desk

bp = Blueprint("console_writing", __name__, url_prefix="/console/c/<slug>/write")

STEPS = {
    "brief": "Brief",
    "labels": "Labels",
    "cost": "Costs",
    "money": "Money",
    "rules": "Verification",
    "test": "Test",
    "machine": "Machine",
    "settings": "All settings",
    "preview": "Preview",
    "check": "Check and open",
}
"""The steps, in their order. All but the last two are forms."""
SPARE = {"brief.counts": 1, "brief.counts_not": 1, "labels": 2, "qualification": 1}
"""So many rows of a list are there to be filled where it has fewer."""
MOVED = {
    "live": "It is live. Players can hand in pages now.",
    "paused": "It is paused. It takes no new pages; what is in review is judged and paid.",
    "archived": "It is archived, and out of the lists. Nothing of it is deleted.",
    "draft": "It is a draft again.",
}


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a form shows: what is typed in it, and by field what is wrong with it. trouble: what is wrong with no field of it.
    revision: the one that it was made from. is_late: whether somebody else changed the challenge meanwhile."""

    typed: Mapping[str, str]
    faults: Mapping[str, str]
    revision: int
    trouble: str = ""
    is_late: bool = False
    status: int = 200
    is_saved: bool = False


@bp.get("")
@identity.modeler_needed
def start(slug: str) -> ResponseReturnValue:
    open_view(slug, "brief")
    return redirect(url_for("console_writing.step", slug=slug, step="brief"))


@bp.get("/<step>")
@identity.modeler_needed
def step(slug: str, step: str) -> ResponseReturnValue:
    view = open_view(slug, step)
    return step_page(view, step, fresh(view))


@bp.post("/<step>")
@identity.modeler_needed
def save(slug: str, step: str) -> ResponseReturnValue:
    """Save a step and go on; or only add or take out a row, or recalculate the example, with all that was typed kept."""
    view = open_view(slug, step)
    sent = request.form.to_dict()
    typed = design_forms.compacted(sent, sent.get("drop", ""))
    revision = request.form.get("revision", type=int)
    revision = view.revision if revision is None else revision
    if "more" in sent or "drop" in sent:
        more = design_forms.with_row(typed, sent["more"]) if "more" in sent else typed
        return step_page(view, step, Sheet(more, {}, revision))
    changes, faults = design_forms.read_changes(typed, view.design)
    if sent.get("then") == "example":
        return example_page(view, step, Sheet(typed, faults, revision), changes)
    if faults:
        return step_page(view, step, Sheet(typed, faults, revision, status=422))
    try:
        edit_challenge.edit_challenge(
            slug, changes, asker_id=identity.member_id(), now=clock.now(), revision=revision
        )
    except (Invalid, Conflict, Forbidden) as error:
        return step_page(view, step, turned_down(error, typed, view, revision))
    flash("Saved.")
    names = list(STEPS)
    after = names[names.index(step) + 1] if sent.get("then") == "next" else step
    return redirect(
        url_for("console_writing.step", slug=str(changes.get("slug") or slug).strip(), step=after), 303
    )


@bp.post("/state")
@identity.modeler_needed
def move(slug: str) -> ResponseReturnValue:
    state = request.form.get("state", "")
    try:
        change_challenge_state.change_challenge_state(
            slug, state, asker_id=identity.member_id(), shelf=uploads.shelf(), now=clock.now()
        )
    except (Invalid, Conflict) as error:
        view = open_view(slug, "check")
        return step_page(
            view,
            "check",
            Sheet({}, {}, view.revision, is_saved=True, trouble=error.sentence, status=error.status),
        )
    flash(MOVED[state])
    return redirect(url_for("console_writing.step", slug=slug, step="check"), 303)


@bp.get("/challenge.yaml")
@identity.modeler_needed
def export(slug: str) -> Response:
    text = export_challenge.export_challenge(slug, asker_id=identity.member_id())
    response = Response(text, content_type="application/yaml; charset=utf-8")
    response.headers.set("Content-Disposition", "attachment", filename=f"{slug}.yaml")
    return response


def open_view(slug: str, step: str) -> AuthoringView:
    if step not in STEPS:
        raise NotFound("There is no such step.")
    return show_authoring.show_authoring(slug, asker_id=identity.member_id(), now=clock.now())


def fresh(view: AuthoringView) -> Sheet:
    """A form as the challenge is now, with rows to fill in."""
    typed = design_forms.typed_of(view.design)
    for part, least in SPARE.items():
        typed = design_forms.with_row(typed, part, least)
    return Sheet(typed, {}, view.revision, is_saved=True)


def turned_down(error: DomainError, typed: Mapping[str, str], view: AuthoringView, revision: int) -> Sheet:
    """The form again, with everything that was typed and what is wrong. Where somebody else was faster, saving again writes over it."""
    field = error.field or ("topic" if isinstance(error, Forbidden) and "topic" in typed else "")
    is_late = error.code == "edited_meanwhile"
    return Sheet(
        typed,
        {field: error.sentence} if field else {},
        view.revision if is_late else revision,
        trouble="" if field else error.sentence,
        is_late=is_late,
        status=error.status,
    )


def example_page(
    view: AuthoringView, step: str, sheet: Sheet, changes: Mapping[str, object]
) -> ResponseReturnValue:
    """The worked example for what was typed: the example alone for our script, else the whole step."""
    example = None
    faults = dict(sheet.faults)
    if not faults:
        try:
            example = show_example.show_example(view.slug, changes, asker_id=identity.member_id())
        except Invalid as error:
            faults[error.field or "budget"] = error.sentence
    sheet = Sheet(sheet.typed, faults, sheet.revision)
    if identity.wants_partial():
        return render_template("authoring/example.html", view=view, example=example, sheet=sheet)
    return step_page(view, step, sheet, example=example)


def step_page(
    view: AuthoringView, step: str, sheet: Sheet, *, example: WorkedExample | None = None
) -> ResponseReturnValue:
    page = render_template(
        f"authoring/{step}.html",
        desk=Desk(view.preview, ()),
        view=view,
        sheet=sheet,
        stored=design_forms.typed_of(view.design),
        rows=design_forms.rows_of,
        step=step,
        steps=STEPS,
        example=example or view.example,
        presets=PRESETS,
        groups=GROUPS,
        settings={each.name: each for each in settings()},
    )
    return page, sheet.status
