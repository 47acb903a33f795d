"""The machines of a challenge for its modelers: which one plays, which could, how good each is, and changing it."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue

from btm.rules.errors import NotFound
from btm.services import (
    activate_machine,
    list_machine_versions,
    show_challenge,
    show_machine_report,
    show_task,
)
from btm.services.views_challenges import ChallengeView
from btm.services.views_machines import (
    FigureView,
    LabelReport,
    MachineReportView,
    MachineVersionView,
    TaskView,
)
from btm.web import charts, clock, identity, uploads

bp = Blueprint("console", __name__, url_prefix="/console/c/<slug>/machines")

FEW = 12
NOTHING = "none"
"""The label of pages that are about nothing sought: its figures mirror those of the other label."""
KEY_FIGURES = ("average_precision", "calibration_error", "auc")


@dataclass(frozen=True, slots=True)
class Desk:
    """A challenge that the asker models, with its work under way."""

    challenge: ChallengeView
    tasks: tuple[TaskView, ...]

    @property
    def slug(self) -> str:
        return self.challenge.card.slug

    def plays(self, machine: MachineVersionView) -> bool:
        """Whether a version is the one that the challenge plays against."""
        card = self.challenge.card
        return (machine.name, machine.version) == (card.machine_name, card.machine_version)


@bp.get("")
@identity.modeler_needed
def machines(slug: str) -> ResponseReturnValue:
    desk = open_desk(slug)
    found = list_machine_versions.list_machine_versions(slug=slug)
    versions = sorted(found, key=desk.plays, reverse=True)
    shown = versions if request.args.get("all") else versions[:FEW]
    reports = {
        (each.name, each.version): show_machine_report.show_machine_report(each.name, each.version)
        for each in shown[:FEW]
        if each.measured
    }
    return render_template(
        "console/machines.html", desk=desk, versions=shown, total=len(versions), reports=reports
    )


@bp.get("/<name>/<version>")
@identity.modeler_needed
def report(slug: str, name: str, version: str) -> ResponseReturnValue:
    desk = open_desk(slug)
    siblings = fitting(slug, name, version)
    evaluation_id = request.args.get("evaluation", type=int)
    view = show_machine_report.show_machine_report(name, version, evaluation_id=evaluation_id)
    label = choose_label(view, desk, request.args.get("label"))
    return render_template("console/report.html", desk=desk, report=view, label=label, siblings=siblings)


@bp.get("/<name>/<version>/activate")
@identity.modeler_needed
def ask_activation(slug: str, name: str, version: str) -> ResponseReturnValue:
    desk = open_desk(slug)
    fitting(slug, name, version)
    card = desk.challenge.card
    plays = (card.machine_name, card.machine_version)
    return render_template(
        "console/activate.html",
        desk=desk,
        now=show_machine_report.show_machine_report(*plays) if card.machine_name else None,
        then=show_machine_report.show_machine_report(name, version),
    )


@bp.post("/<name>/<version>/activate")
@identity.modeler_needed
def activate(slug: str, name: str, version: str) -> ResponseReturnValue:
    view = activate_machine.activate_machine(
        slug, name, version, asker_id=identity.member_id(), shelf=uploads.shelf(), now=clock.now()
    )
    flash(f"{view.name} {view.version} plays from now on.")
    return redirect(url_for("console.machines", slug=slug), 303)


def open_desk(slug: str) -> Desk:
    """The challenge, a draft too, and its work. Raises NotFound, and Forbidden for anybody who does not model it."""
    asker = identity.member_id()
    tasks = show_task.list_tasks(slug, asker_id=asker)
    return Desk(show_challenge.show_challenge(slug, now=clock.now(), viewer_id=asker), tuple(tasks))


def fitting(slug: str, name: str, version: str) -> list[MachineVersionView]:
    """The versions of a name that fit a challenge, newest first. Raises NotFound unless `version` is among them."""
    versions = list_machine_versions.list_machine_versions(name, slug=slug)
    if not any(each.version == version for each in versions):
        raise NotFound("No such machine fits this challenge.")
    return versions


def choose_label(view: MachineReportView, desk: Desk, wanted: str | None) -> LabelReport | None:
    """The label asked for, or the one that the challenge is about. None without an evaluation."""
    by_key = {each.label: each for each in view.labels}
    telling = [key for key in by_key if key != NOTHING]
    target = desk.challenge.card.target.key
    keys = (wanted, target if target != NOTHING else None, *telling, *by_key)
    return next((by_key[key] for key in keys if key in by_key), None)


@bp.app_template_global()
def key_figures(view: MachineReportView | None, desk: Desk) -> list[FigureView]:
    """The few figures that tell versions apart at a glance, in the order of KEY_FIGURES."""
    label = choose_label(view, desk, None) if view else None
    by_key = {each.key: each for each in label.figures} if label else {}
    return [by_key[key] for key in KEY_FIGURES if key in by_key]


@bp.record_once
def hand_over(state: BlueprintSetupState) -> None:
    """The geometry of charts, for the templates in templates/charts/."""
    state.app.jinja_env.globals["charts"] = charts
