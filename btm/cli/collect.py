"""`flask --app app btm collect ...`: topics without a machine, their first one, and the lists of addresses."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from datetime import UTC, datetime

import click
from flask import current_app
from flask.cli import AppGroup

from btm.cli.machine import as_json
from btm.cli.words import Bar, plainly, version_line
from btm.services.export_urls import FORMATS, KINDS, export_urls
from btm.services.show_collecting import show_collecting
from btm.services.train_first_machine import train_first_machine

collect = AppGroup("collect", help="Collect examples where there is no machine yet, and train the first one.")


@collect.command("status")
@click.option("--challenge", "slug", required=True, help="The challenge that collects.")
@as_json
@plainly
def status(slug: str, as_json: bool) -> None:
    """Say how many verified examples of each label there are, and how many are missing for a first machine.

    \b
    Example: flask --app app btm collect status --challenge vapes
    """
    view = show_collecting(slug, asker_id=None)
    if as_json:
        click.echo(json.dumps(asdict(view), default=str, ensure_ascii=False))
        return
    for need in view.needs:
        click.echo(
            f"{need.label.key}: {need.verified:,} of {need.asked:,} verified, {need.waiting:,} in review, pays up to {need.pays:,}"
        )
    click.echo(f"{view.submitted:,} addresses handed in, {view.checked:,} checked, {view.sites:,} sites")
    if view.mode == "beat":
        click.echo(f"It is played against {view.machine}")
    elif view.missing:
        told = ", ".join(f"{each.count:,} of {each.label}" for each in view.missing)
        click.echo(f"Missing for a first machine: {told}")
    else:
        click.echo(f"Enough: flask --app app btm collect train --challenge {slug}")


@collect.command("urls")
@click.option("--challenge", "slug", required=True, help="The challenge whose addresses are listed.")
@click.option(
    "--which",
    type=click.Choice(KINDS),
    default="all",
    show_default=True,
    help="All, or those with a verdict.",
)
@click.option(
    "--format",
    "kind",
    type=click.Choice(FORMATS),
    default="csv",
    show_default=True,
    help="txt is one address a line.",
)
@plainly
def urls(slug: str, which: str, kind: str) -> None:
    """Write the addresses that players handed in to standard output.

    \b
    Examples:
      flask --app app btm collect urls --challenge vapes > vapes.csv
      flask --app app btm collect urls --challenge vapes --which checked --format json > vapes.json
    """
    for chunk in export_urls(slug, kind, which=which, asker_id=None, now=datetime.now(UTC)):
        sys.stdout.buffer.write(chunk)


@collect.command("train")
@click.option("--challenge", "slug", required=True, help="The challenge that collects.")
@click.option("--name", default="", help="The machine's name (default: the challenge's, followed by -first).")
@as_json
@plainly
def train(slug: str, name: str, as_json: bool) -> None:
    """Train the first machine from the verified examples and let it play: the challenge is played against it from then on.

    \b
    Example: flask --app app btm collect train --challenge vapes --name vapes-first
    """
    with Bar("Training") as bar:
        made = train_first_machine(
            slug, name=name, asker_id=None, snapshots=current_app.extensions["btm_snapshots"],
            now=datetime.now(UTC), progress=bar,
        )  # fmt: skip
    if made is None:
        raise LookupError("nobody else can hold what runs here")
    if as_json:
        click.echo(json.dumps({"machine": asdict(made.machine), "held_out": made.held_out}, default=str))
    else:
        click.echo(f"{version_line(made.machine)}; measured on {made.held_out:,} examples that were held out")
