"""`flask --app app btm machine ...`: train, measure, register and activate machines. Results go to standard output, progress
and left-out rows to standard error."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import click
from flask import current_app
from flask.cli import AppGroup

from btm.cli.labelled import Data, DataFile, LabelledRows, labels_of, name_of
from btm.cli.words import Bar, card_lines, plainly, report_lines, version_line
from btm.services.activate_machine import activate_machine
from btm.services.evaluate_machine import evaluate_machine
from btm.services.list_machine_versions import list_machine_versions
from btm.services.read_labelled import FORMATS, Labelled
from btm.services.register_machine import register_machine
from btm.services.show_machine_report import show_machine_report
from btm.services.train_machine import train_machine
from btm.services.views_machines import MachineVersionView

machine = AppGroup("machine", help="Train, measure, register and activate machines.")
Command = Callable[..., Any]


def as_json(command: Command) -> Command:
    """The option --json."""
    return click.option("--json", "as_json", is_flag=True, help="Write one JSON object instead of text.")(
        command
    )


def labelled_file(required: bool) -> Callable[[Command], Command]:
    """The options --data and --format."""

    def add(command: Command) -> Command:
        data = click.option(
            "--data",
            type=DataFile(),
            required=required,
            help="A labelled file, or the folder of a data set; - for standard input.",
        )
        kind = click.option(
            "--format", "kind", type=click.Choice(FORMATS), help="Told from the file's name where left out."
        )
        return data(kind(command))

    return add


@machine.command("train")
@click.option("--challenge", "slug", required=True, help="The challenge whose labels the rows have.")
@labelled_file(required=True)
@click.option("--name", help="The machine's name (default: the challenge's, followed by -own).")
@as_json
@plainly
def train(slug: str, data: Data, kind: str | None, name: str | None, as_json: bool) -> None:
    """Train a machine from a labelled file, and measure it on a fifth of the rows, held out.

    The file is CSV with a first row of names, JSONL, Parquet, Label Studio's JSON, or a data set's folder. Columns: label, and one of url (fetched), text or html; optionally
    title, description, language and source. Rows that cannot be used are listed on standard error and left out.

    \b
    Examples:
      flask --app app btm machine train --challenge drugs --data pages.csv
      flask --app app btm machine train --challenge drugs --data - --format jsonl --name drugs-2 < pages.jsonl
    """
    rows = LabelledRows(data, kind, slug)
    with Bar("Training") as bar:
        made = train_machine(
            slug, rows, name=name or f"{slug}-own", data_name=name_of(data), asker_id=None,
            snapshots=current_app.extensions["btm_snapshots"], now=_now(), progress=bar,
        )  # fmt: skip
    _show_measured(made.machine, made.evaluation_id, rows.found, as_json)
    if not as_json:
        click.echo(
            f"\nTo play against it: flask --app app btm machine activate --challenge {slug} {made.machine.name}"
        )


@machine.command("evaluate")
@click.argument("name")
@click.argument("version", required=False)
@click.option("--challenge", "slug", required=True, help="The challenge whose labels the rows have.")
@labelled_file(required=False)
@as_json
@plainly
def evaluate(
    name: str, version: str | None, slug: str, data: Data | None, kind: str | None, as_json: bool
) -> None:
    """Measure a machine on a labelled file, or, without --data, on the challenge's verified probes.

    \b
    Examples:
      flask --app app btm machine evaluate drugs --challenge drugs --data held-out.jsonl
      flask --app app btm machine evaluate drugs-own --challenge drugs
    """
    rows = LabelledRows(data, kind, slug) if data is not None else None
    with Bar("Measuring") as bar:
        done = evaluate_machine(
            slug, name, version, rows, data_name=name_of(data) if data else "",
            asker_id=None, shelf=current_app.extensions["btm_machines"], now=_now(), progress=bar,
        )  # fmt: skip
    _show_measured(done.machine, done.evaluation_id, rows.found if rows else None, as_json)


@machine.command("register")
@click.option("--name", required=True, help="The machine's name: small letters, digits, hyphens.")
@click.option(
    "--import", "path", default="", help="A fitted estimator, as module:attribute. Runs that module's code."
)
@click.option("--url", default="", help="An endpoint; docs/machines.md says what it is sent and must answer.")
@click.option(
    "--label", "labels", multiple=True, help="A label of the endpoint; once for each, in its order."
)
@click.option("--challenge", "slug", help="Take the endpoint's labels from this challenge, in its order.")
@click.option("--version", default="", help="Its version (default: the next number).")
@click.option(
    "--timeout", type=float, default=10.0, show_default=True, help="Seconds that an answer may take."
)
@click.option("--batch", type=int, default=32, show_default=True, help="The most pages in one request.")
@click.option("--key-variable", default="", help="The environment variable with its key: BTM_MACHINE_KEY...")
@as_json
@plainly
def register(name: str, labels: tuple[str, ...], slug: str | None, as_json: bool, **where: Any) -> None:
    """Register a machine that was made elsewhere. It is asked about two pages first, and must answer properly.

    \b
    Examples:
      flask --app app btm machine register --name mine --import mypackage.model:pipeline
      flask --app app btm machine register --name theirs --url http://10.0.0.7:9000/predict --challenge drugs
    """
    if slug and not labels:
        labels = labels_of(slug)
    view = register_machine(
        name, labels=labels, asker_id=None, shelf=current_app.extensions["btm_machines"], now=_now(), **where
    )
    _show_version(view, as_json, "Registered")


@machine.command("activate")
@click.option("--challenge", "slug", required=True, help="The challenge that is to be played against it.")
@click.argument("name")
@click.argument("version", required=False)
@as_json
@plainly
def activate(slug: str, name: str, version: str | None, as_json: bool) -> None:
    """Point a challenge at a machine's version, or at its newest. Quotes that were made keep the machine that made them.

    \b
    Example: flask --app app btm machine activate --challenge drugs drugs-own
    """
    shelf = current_app.extensions["btm_machines"]
    view = activate_machine(slug, name, version, asker_id=None, shelf=shelf, now=_now())
    _show_version(view, as_json, "Active")


@machine.command("list")
@click.argument("name", required=False)
@click.option("--challenge", "slug", help="Only machines that fit this challenge.")
@as_json
@plainly
def list_(name: str | None, slug: str | None, as_json: bool) -> None:
    """List every version of every machine, newest first.

    \b
    Example: flask --app app btm machine list --challenge drugs
    """
    views = list_machine_versions(name, slug=slug)
    if as_json:
        _write([asdict(view) for view in views])
        return
    for view in views:
        click.echo(version_line(view))


@machine.command("card")
@click.argument("name")
@click.argument("version", required=False)
@as_json
@plainly
def card(name: str, version: str | None, as_json: bool) -> None:
    """Show a machine's card, and how it was measured last.

    \b
    Example: flask --app app btm machine card drugs
    """
    report = show_machine_report(name, version)
    if as_json:
        _write(asdict(report))
        return
    click.echo("\n".join([*card_lines(report), *report_lines(report)]))


def _show_measured(
    view: MachineVersionView, evaluation_id: int, found: Labelled | None, as_json: bool
) -> None:
    report = show_machine_report(view.name, view.version, evaluation_id=evaluation_id)
    if as_json:
        bad = {"rows": len(found.pages), "left_out": found.bad_count} if found else {}
        _write({**asdict(report), **bad})
        return
    click.echo("\n".join([version_line(view), *report_lines(report)]))


def _show_version(view: MachineVersionView, as_json: bool, word: str) -> None:
    if as_json:
        _write(asdict(view))
    else:
        click.echo(f"{word}: {version_line(view)}")


def _write(value: object) -> None:
    json.dump(value, sys.stdout, default=_plain, ensure_ascii=False)
    sys.stdout.write("\n")


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _now() -> datetime:
    return datetime.now(UTC)
