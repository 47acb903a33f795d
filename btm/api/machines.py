"""A challenge's machines: train, plug in, measure, let play; and the long work behind that."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields
from marshmallow.validate import Length, Range

from btm.api import bearer, tools
from btm.api.tools import RowsSchema
from btm.api.wing import Asked, Wing
from btm.rules.errors import NotFound
from btm.services import (
    activate_machine,
    list_machine_versions,
    register_machine,
    show_authoring,
    show_machine_report,
    show_task,
    start_task,
)
from btm.services.views_machines import MachineReportView, MachineVersionView, TaskView

wing = Wing("api_machines", "Machines: train, measure, and choose which one plays.")


class TrainSchema(RowsSchema):
    """A machine to train: its name, and labelled pages."""

    name = fields.String(required=True, validate=Length(min=1, max=100))


class EndpointSchema(Schema):
    """A machine of yours, behind an address."""

    name = fields.String(required=True, validate=Length(min=1, max=100))
    url = fields.String(required=True, validate=Length(min=1, max=2000))
    labels = fields.List(
        fields.String(validate=Length(max=40)),
        required=True,
        metadata={"description": "In the order of its answers"},
    )
    version = fields.String(load_default="", validate=Length(max=40))
    timeout = fields.Float(load_default=10.0, validate=Range(min=0.1, max=120))
    batch = fields.Integer(load_default=32, validate=Range(min=1, max=1000))
    key_variable = fields.String(
        load_default="", validate=Length(max=100), metadata={"description": "The variable that holds its key"}
    )


@wing.lists("/challenges/<slug>/machines", of=MachineVersionView, scope="model")
def list_fitting(asked: Asked, slug: str) -> tuple[list[MachineVersionView], str | None]:
    """The machines whose labels are the challenge's, newest first"""
    check_modeler(slug)
    return asked.cut(list_machine_versions.list_machine_versions(slug=slug))


@wing.writes(
    "POST",
    "/challenges/<slug>/machines",
    scope="model",
    takes=TrainSchema,
    shows=TaskView,
    status=202,
    large=True,
)
def train(body: dict[str, Any], slug: str) -> TaskView:
    """Train a machine on labelled pages

    This takes a while: ask for the task until its `state` is `done` or `failed`."""
    data, format = tools.needed_file(body)
    public_id = start_task.start_training(
        slug, data, format=format, name=body["name"], data_name=body["data_name"], asker_id=bearer.account_id(),
        snapshots=tools.snapshots(), now=bearer.now(), new_id=tools.new_id(),
    )  # fmt: skip
    return task_of(public_id)


@wing.writes("POST", "/machines", scope="operate", takes=EndpointSchema, shows=MachineVersionView, status=201)
def register(body: dict[str, Any]) -> MachineVersionView:
    """Plug in a machine behind an address; for admins"""
    return register_machine.register_machine(
        asker_id=bearer.account_id(), shelf=tools.shelf(), now=bearer.now(), **body
    )


@wing.reads("/challenges/<slug>/machines/<name>/<version>", shows=MachineReportView, scope="model")
def report(slug: str, name: str, version: str) -> MachineReportView:
    """A machine's card, and how good it is"""
    check_fits(slug, name, version)
    return show_machine_report.show_machine_report(name, version)


@wing.writes(
    "POST", "/challenges/<slug>/machines/<name>/<version>/activate", scope="model", shows=MachineVersionView
)
def activate(slug: str, name: str, version: str) -> MachineVersionView:
    """Let this machine play from now on"""
    return activate_machine.activate_machine(
        slug, name, version, asker_id=bearer.account_id(), shelf=tools.shelf(), now=bearer.now()
    )


@wing.writes(
    "POST", "/challenges/<slug>/machines/<name>/<version>/evaluate", scope="model", takes=RowsSchema,
    shows=TaskView, status=202, large=True,
)  # fmt: skip
def evaluate(body: dict[str, Any], slug: str, name: str, version: str) -> TaskView:
    """Measure a machine on labelled pages, or, without any, on the challenge's verified ones"""
    found = tools.file_of(body)
    public_id = start_task.start_evaluation(
        slug, name, version, found[0] if found else None, format=found[1] if found else "csv",
        data_name=body["data_name"] if found else "verified pages", asker_id=bearer.account_id(),
        snapshots=tools.snapshots(), now=bearer.now(), new_id=tools.new_id(),
    )  # fmt: skip
    return task_of(public_id)


@wing.lists("/challenges/<slug>/tasks", of=TaskView, scope="model")
def list_tasks(asked: Asked, slug: str) -> tuple[list[TaskView], str | None]:
    """The latest long work of a challenge, newest first"""
    return asked.cut(show_task.list_tasks(slug, asker_id=bearer.account_id()))


@wing.reads("/tasks/<task_id>", shows=TaskView, scope="model")
def show_work(task_id: str) -> TaskView:
    """How long work goes, and what came of it"""
    return task_of(task_id)


def task_of(public_id: str) -> TaskView:
    return show_task.show_task(public_id, asker_id=bearer.account_id())


def check_modeler(slug: str) -> None:
    """Raises NotFound, and Forbidden for anybody who does not model this challenge."""
    show_authoring.show_authoring(slug, asker_id=bearer.account_id(), now=bearer.now())


def check_fits(slug: str, name: str, version: str) -> None:
    """Raises NotFound where a version is none of a challenge's."""
    check_modeler(slug)
    versions = list_machine_versions.list_machine_versions(name, slug=slug)
    if not any(each.version == version for each in versions):
        raise NotFound("No such machine fits this challenge.")
