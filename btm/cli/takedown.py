"""`flask --app app btm takedown ...`: content that must never be shown or kept."""

from __future__ import annotations

import json
import secrets
from dataclasses import asdict
from datetime import UTC, datetime

import click
from flask.cli import AppGroup

from btm.cli.machine import as_json
from btm.cli.words import plainly
from btm.rules.takedowns import REASONS
from btm.services import show_takedowns, take_down
from btm.services.show_takedowns import SHOWN

takedown = AppGroup("takedown", help="Take pages down for good, and list what was.")
the_challenge = click.option("--challenge", "slug", required=True, help="The challenge that the page is in.")


@takedown.command("add")
@click.argument("what")
@the_challenge
@click.option("--reason", type=click.Choice(REASONS), required=True, help="Why it has to go.")
@click.option(
    "--note", default="", help="A line for the modelers of the challenge; nothing of the page itself."
)
@click.option("--everywhere", is_flag=True, help="In every challenge, now and later.")
@as_json
@plainly
def add(what: str, slug: str, reason: str, note: str, everywhere: bool, as_json: bool) -> None:
    """Take down the page with this id (of a submission, or of what judges see) or address, and all that has nearly its text.

    Its text, title, address and snapshot are removed, and it cannot be handed in again. Doing it twice is the same as once.

    \b
    Examples:
      flask --app app btm takedown add 4f1c22 --challenge drugs --reason private
      flask --app app btm takedown add https://example.org/page --challenge drugs --reason illegal --everywhere
    """
    done = take_down.take_down(
        slug, what, reason=reason, note=note, everywhere=everywhere, asker_id=None, now=_now(),
        new_id=secrets.token_hex(8),
    )  # fmt: skip
    click.echo(json.dumps({"takedown": done}) if as_json else f"Taken down: {done}")


@takedown.command("list")
@the_challenge
@as_json
@plainly
def list_(slug: str, as_json: bool) -> None:
    """List the newest tombstones of a challenge.

    \b
    Example: flask --app app btm takedown list --challenge drugs
    """
    view = show_takedowns.show_takedowns(slug, asker_id=None)
    if as_json:
        click.echo(json.dumps([asdict(each) for each in view.tombstones], default=str, ensure_ascii=False))
        return
    for each in view.tombstones:
        done = "done" if each.is_done else "under way"
        click.echo(
            f"{each.name}: {each.reason}, {each.at:%Y-%m-%d %H:%M} UTC, by {each.by or 'the operator'}, {done}"
        )
    if view.cursor:
        click.echo(f"... and more than the newest {SHOWN}; the console shows them all", err=True)


def _now() -> datetime:
    return datetime.now(UTC)
