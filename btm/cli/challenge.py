"""`flask --app app btm challenge ...`: write challenges, open and close them, and carry them from place to place as files."""

from __future__ import annotations

import json
import secrets
import sys
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Any

import click
import yaml
from flask import current_app
from flask.cli import AppGroup

from btm.cli.machine import as_json
from btm.cli.words import plainly
from btm.rules.challenge_states import STATES
from btm.rules.design import plain_design
from btm.rules.errors import Invalid
from btm.services import list_authored, list_starters
from btm.services.change_challenge_state import change_challenge_state
from btm.services.clone_challenge import clone_challenge
from btm.services.create_challenge import create_challenge
from btm.services.edit_challenge import edit_challenge
from btm.services.export_challenge import export_challenge
from btm.services.fund_challenge import fund_challenge
from btm.services.import_challenge import import_challenge
from btm.services.show_authoring import show_authoring

TEXTS = (
    "slug",
    "topic",
    "title",
    "sought",
    "mode",
    "machine",
    "machine_version",
    "target",
    "brief.summary",
    "brief.question",
)
"""Parts whose value is taken as it is typed."""

challenge = AppGroup("challenge", help="Write challenges, open and close them, keep them as files.")


@challenge.command("list")
@click.option("--state", type=click.Choice(STATES), help="Only those in this state.")
@as_json
@plainly
def list_(state: str | None, as_json: bool) -> None:
    """List all challenges, drafts and archived ones included.

    \b
    Example: flask --app app btm challenge list --state draft
    """
    every = list_authored.list_authored(asker_id=None, now=_now())
    found = [each for each in every if state is None or each.state == state]
    if as_json:
        click.echo(json.dumps([asdict(each) for each in found], default=str, ensure_ascii=False))
        return
    for each in found:
        over = " but over" if each.stopped else ""
        click.echo(f"{each.slug}: {each.state}{over}, {each.mode}, {each.title or 'no title yet'}")


@challenge.command("create")
@click.argument("file", type=click.File("rb"), required=False)
@click.option(
    "--from", "starter", default="", help="A starting point in place of a file; `starters` lists them."
)
@click.option("--slug", default="", help="Another address than the file's.")
@as_json
@plainly
def create(file: Any, starter: str, slug: str, as_json: bool) -> None:
    """Make a draft from a YAML file (- reads standard input), or from a starting point.

    \b
    Examples:
      flask --app app btm challenge create vapes.yaml
      flask --app app btm challenge create --from lookalikes --slug vapes
    """
    if (file is None) == (not starter):
        raise Invalid("Name a file, or a starting point with --from: one of the two.", field="file")
    if file is not None:
        made = import_challenge(file.read(), asker_id=None, now=_now(), new_salt=_salt, slug=slug)
    else:
        design = replace(list_starters.read_starter(starter), slug=slug)
        made = create_challenge(design, asker_id=None, now=_now(), new_salt=_salt)
    _tell(as_json, made, f"{made} is a draft now. `challenge check {made}` says what it lacks.")


@challenge.command("starters")
@as_json
@plainly
def starters(as_json: bool) -> None:
    """List the starting points for a new challenge.

    \b
    Example: flask --app app btm challenge starters
    """
    found = list_starters.list_starters()
    if as_json:
        click.echo(json.dumps([asdict(each) for each in found], ensure_ascii=False))
        return
    for each in found:
        click.echo(f"{each.name}: {each.title} ({', '.join(each.labels)})")


@challenge.command("show")
@click.argument("slug")
@as_json
@plainly
def show(slug: str, as_json: bool) -> None:
    """Show a challenge: its state, all that it says, and what is missing.

    \b
    Example: flask --app app btm challenge show vapes --json
    """
    view = show_authoring(slug, asker_id=None, now=_now())
    if as_json:
        told = {
            "slug": view.slug, "state": view.state, "revision": view.revision, "preset": view.preset,
            "free_budget": view.free_budget, "has_work": view.has_work, "challenge": plain_design(view.design),
            "missing": [asdict(each) for each in view.missing],
        }  # fmt: skip
        click.echo(json.dumps(told, default=str, ensure_ascii=False))
        return
    click.echo(f"{view.slug}: {view.state}, revision {view.revision}, {view.free_budget:,} points free")
    click.echo(export_challenge(slug, asker_id=None), nl=False)


@challenge.command("check")
@click.argument("slug")
@as_json
@plainly
def check(slug: str, as_json: bool) -> None:
    """Say what a challenge lacks before it can go live; exit code 1 where something is missing.

    \b
    Example: flask --app app btm challenge check vapes && flask --app app btm challenge resume vapes
    """
    view = show_authoring(slug, asker_id=None, now=_now())
    if as_json:
        click.echo(json.dumps({"ready": view.is_ready, "missing": [asdict(each) for each in view.missing]}))
    else:
        for each in view.missing:
            click.echo(f"{'missing' if each.is_must else 'advice'} [{each.field}] {each.sentence}")
        click.echo("Ready to go live." if view.is_ready else "Not ready yet.")
    if not view.is_ready:
        sys.exit(1)


@challenge.command("edit")
@click.argument("slug")
@click.option(
    "--set", "pairs", multiple=True, required=True, metavar="NAME=VALUE",
    help="What to change, as in the file: title=..., rules.max_bonus=2000, brief.question=...; nothing after rules.NAME= is the default.",
)  # fmt: skip
@click.option("--revision", type=int, help="Only if nobody changed it since this revision.")
@as_json
@plainly
def edit(slug: str, pairs: tuple[str, ...], revision: int | None, as_json: bool) -> None:
    """Change parts of a challenge. Of a live one, what was promised stands.

    \b
    Example: flask --app app btm challenge edit vapes --set rules.max_bonus=2000 --set "title=Find vape shops"
    """
    changes = read_pairs(pairs)
    new = edit_challenge(slug, changes, asker_id=None, now=_now(), revision=revision)
    where = str(changes.get("slug") or slug)
    _tell(as_json, where, f"{where} is at revision {new}", revision=new)


@challenge.command("clone")
@click.argument("slug")
@click.option("--slug", "new_slug", default="", help="The copy's address.")
@click.option("--same-topic", is_flag=True, help="Share judges, test and queue with the first.")
@as_json
@plainly
def clone(slug: str, new_slug: str, same_topic: bool, as_json: bool) -> None:
    """Copy all that a challenge says into a new draft.

    \b
    Example: flask --app app btm challenge clone vapes --slug vapes-2
    """
    made = clone_challenge(
        slug, asker_id=None, now=_now(), new_salt=_salt, new_slug=new_slug, same_topic=same_topic
    )
    _tell(as_json, made, f"{made} is a draft now")


@challenge.command("export")
@click.argument("slug")
@plainly
def export(slug: str) -> None:
    """Write a challenge's YAML to standard output; `create` reads it.

    \b
    Example: flask --app app btm challenge export vapes > vapes.yaml
    """
    click.echo(export_challenge(slug, asker_id=None), nl=False)


@challenge.command("fund")
@click.argument("slug")
@click.argument("points", type=int)
@click.option("--reason", default="", help="For the record.")
@click.option("--key", default="", help="Asked again with the same key, nothing happens twice.")
@as_json
@plainly
def fund(slug: str, points: int, reason: str, key: str, as_json: bool) -> None:
    """Put points into a challenge's budget; with a number below 0 (after --), take them out.

    \b
    Examples:
      flask --app app btm challenge fund vapes 50000
      flask --app app btm challenge fund vapes -- -20000
    """
    pots = fund_challenge(
        slug, points, asker_id=None, now=_now(), key=key or secrets.token_hex(16), reason=reason
    )
    _tell(as_json, slug, f"{slug} has {pots.free:,} points free", free=pots.free, **asdict(pots))


def _mover(name: str, state: str, sentence: str) -> None:
    @challenge.command(name, help=f"{sentence}\n\n\b\nExample: flask --app app btm challenge {name} vapes")
    @click.argument("slug")
    @as_json
    @plainly
    def move(slug: str, as_json: bool) -> None:
        change_challenge_state(
            slug, state, asker_id=None, shelf=current_app.extensions["btm_machines"], now=_now()
        )
        _tell(as_json, slug, f"{slug} is {state} now", state=state)


_mover("resume", "live", "Let a draft or a paused challenge go live.")
_mover("pause", "paused", "Take no new pages; what is in review is judged and paid.")
_mover("archive", "archived", "Take a challenge out of the lists. Nothing of it is deleted.")


def read_pairs(pairs: tuple[str, ...]) -> dict[str, Any]:
    """`rules.max_bonus=2000` and the like as nested changes; values are read as in a challenge's file. Raises Invalid."""
    changes: dict[str, Any] = {}
    for pair in pairs:
        name, equals, written = pair.partition("=")
        if not equals or not name:
            raise Invalid(f"{pair[:60]!r} is no NAME=VALUE, such as rules.max_bonus=2000.", field="set")
        try:
            value = written if name in TEXTS or not written else yaml.safe_load(written)
        except yaml.YAMLError as error:
            raise Invalid(f"The value of {name} cannot be read. Put it in quotes.", field=name) from error
        if not written and name not in TEXTS:
            value = None
        part, dot, inner = name.partition(".")
        if dot and part in ("rules", "brief"):
            changes.setdefault(part, {})[inner] = value
        elif dot:
            raise Invalid(f"Set the whole of {part}, as in a challenge's file.", field=name)
        else:
            changes[part] = value
    return changes


def _tell(as_json: bool, slug: str, sentence: str, **more: Any) -> None:
    click.echo(json.dumps({"slug": slug, **more}, ensure_ascii=False) if as_json else sentence)


def _now() -> datetime:
    return datetime.now(UTC)


def _salt() -> str:
    return secrets.token_hex(16)
