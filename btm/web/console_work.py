"""A modeler's long work: train from a file, measure with a file, plug in an endpoint, and watch how it goes."""

from __future__ import annotations

import re
from dataclasses import replace

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from werkzeug.exceptions import RequestEntityTooLarge

from btm.rules.errors import Invalid
from btm.services import list_machine_versions, register_machine, show_task, start_task
from btm.services.views_machines import MachineVersionView, TaskView
from btm.web import clock, errors, forms, identity, uploads
from btm.web.console import fitting, open_desk

bp = Blueprint("console_work", __name__, url_prefix="/console")

VERIFIED = "verified pages"
TOO_LARGE = replace(
    errors.TOO_LARGE,
    sentence=f"A file may have {uploads.MEGABYTES} MB when it comes through the web, so nothing of it was kept.",
    next_step="Go back and choose a smaller one, or use the command line, which takes files of any size.",
)


@bp.route("/c/<slug>/machines/train", methods=["GET", "POST"])
@identity.modeler_needed
def train(slug: str) -> ResponseReturnValue:
    form = forms.TrainForm()
    if request.method == "GET":
        return train_page(slug, form)
    try:
        forms.check(form)
        public_id = start_training(slug, form)
    except Invalid as error:
        forms.blame(form, at_file(error))
        return train_page(slug, form, error.status)
    return redirect(url_for("console_work.task", public_id=public_id), 303)


@bp.route("/c/<slug>/machines/<name>/<version>/evaluate", methods=["GET", "POST"])
@identity.modeler_needed
def evaluate(slug: str, name: str, version: str) -> ResponseReturnValue:
    form = forms.EvaluateForm()
    if request.method == "GET":
        return evaluate_page(slug, name, version, form)
    try:
        public_id = start_evaluation(slug, name, version, bool(form.probes.data))
    except Invalid as error:
        forms.blame(form, at_file(error))
        return evaluate_page(slug, name, version, form, error.status)
    return redirect(url_for("console_work.task", public_id=public_id), 303)


@bp.route("/c/<slug>/machines/register", methods=["GET", "POST"])
@identity.modeler_needed
def register(slug: str) -> ResponseReturnValue:
    form = forms.EndpointForm()
    if request.method == "GET":
        return register_page(slug, form)
    try:
        forms.check(form)
        view = register_endpoint(form)
    except Invalid as error:
        forms.blame(form, error)
        return register_page(slug, form, error.status)
    flash(f"{view.name} {view.version} answered, and is registered. It does not play yet.")
    return redirect(url_for("console.machines", slug=slug), 303)


@bp.get("/tasks/<public_id>")
@identity.modeler_needed
def task(public_id: str) -> ResponseReturnValue:
    return render_template("console/task.html", task=find_task(public_id))


@bp.get("/tasks/<public_id>/card")
@identity.modeler_needed
def card(public_id: str) -> ResponseReturnValue:
    return render_template("console/task_card.html", task=find_task(public_id))


@bp.errorhandler(RequestEntityTooLarge)
def too_large(error: RequestEntityTooLarge) -> ResponseReturnValue:
    """What was typed beside a file that is far too large could not be read, so there is no form to show again."""
    return errors.answer(TOO_LARGE)


def start_training(slug: str, form: forms.TrainForm) -> str:
    file = chosen_file()
    return start_task.start_training(
        slug,
        file.data,
        format=file.format,
        name=form.name.data or "",
        data_name=file.name,
        asker_id=identity.member_id(),
        snapshots=uploads.snapshots(),
        now=clock.now(),
        new_id=identity.new_id(),
    )


def start_evaluation(slug: str, name: str, version: str, on_probes: bool) -> str:
    file = None if on_probes else chosen_file()
    return start_task.start_evaluation(
        slug,
        name,
        version,
        file.data if file else None,
        format=file.format if file else "csv",
        data_name=file.name if file else VERIFIED,
        asker_id=identity.member_id(),
        snapshots=uploads.snapshots(),
        now=clock.now(),
        new_id=identity.new_id(),
    )


def register_endpoint(form: forms.EndpointForm) -> MachineVersionView:
    try:
        timeout = float(form.timeout.data)
    except ValueError as error:
        raise Invalid("The timeout is a number of seconds, such as 10.", field="timeout") from error
    return register_machine.register_machine(
        form.name.data,
        url=form.url.data,
        labels=re.split(r"[,\s]+", form.labels.data),
        timeout=timeout,
        key_variable=form.key_variable.data or "",
        asker_id=identity.member_id(),
        shelf=uploads.shelf(),
        now=clock.now(),
    )


def chosen_file() -> uploads.Upload:
    """The file that came with the form. Raises Invalid where there is none."""
    file = uploads.read()
    if file is None:
        raise Invalid("Choose a file first.", field="data")
    return file


def at_file(error: Invalid) -> Invalid:
    """The format is told by the file, so a complaint about it belongs there."""
    return Invalid(error.sentence, field="data") if error.field == "format" else error


def train_page(slug: str, form: FlaskForm, status: int = 200) -> ResponseReturnValue:
    desk = open_desk(slug)
    if request.method == "GET":
        versions = list_machine_versions.list_machine_versions(slug=slug)
        form.name.data = next((each.name for each in versions if each.kind == "trained"), "")
    return render_template("console/train.html", desk=desk, form=form, megabytes=uploads.MEGABYTES), status


def evaluate_page(
    slug: str, name: str, version: str, form: FlaskForm, status: int = 200
) -> ResponseReturnValue:
    desk = open_desk(slug)
    machine = next(each for each in fitting(slug, name, version) if each.version == version)
    page = render_template(
        "console/evaluate.html", desk=desk, machine=machine, form=form, megabytes=uploads.MEGABYTES
    )
    return page, status


def register_page(slug: str, form: FlaskForm, status: int = 200) -> ResponseReturnValue:
    desk = open_desk(slug)
    if request.method == "GET":
        form.labels.data = ", ".join(each.key for each in desk.challenge.labels)
        form.timeout.data = "10"
    return render_template("console/register.html", desk=desk, form=form), status


def find_task(public_id: str) -> TaskView:
    return show_task.show_task(public_id, asker_id=identity.member_id())
