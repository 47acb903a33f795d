"""`flask --app app btm person ...`: what is kept about somebody, and to delete it."""

from __future__ import annotations

import json
import secrets
from dataclasses import asdict
from datetime import UTC, datetime

import click
from flask.cli import AppGroup

from btm.cli.machine import as_json
from btm.cli.words import plainly
from btm.services.erase_account import erase_account, find_account_id, show_erasure
from btm.services.export_own_data import export_own_data

person = AppGroup("person", help="Show, export or erase what is kept about one person.")


@person.command("show")
@click.argument("handle")
@as_json
@plainly
def show(handle: str, as_json: bool) -> None:
    """Say what erasing HANDLE would cost, and whether anything stands in the way.

    \b
    Example: flask --app app btm person show marta_k
    """
    view = show_erasure(find_account_id(handle), now=_now())
    if as_json:
        click.echo(json.dumps(asdict(view), ensure_ascii=False))
        return
    click.echo(f"{view.handle}: {view.unpaid:,} points are not paid out, {view.waiting:,} are promised.")
    click.echo(view.why_not or "Nothing stands in the way of erasing.")


@person.command("export")
@click.argument("handle")
@plainly
def export(handle: str) -> None:
    """Write everything that is kept about HANDLE to standard output, as JSON.

    \b
    Example: flask --app app btm person export marta_k > marta_k.json
    """
    click.echo(export_own_data(find_account_id(handle), now=_now()))


@person.command("erase")
@click.argument("handle")
@click.option("--yes", is_flag=True, help="Do not ask, and give up what is unpaid.")
@as_json
@plainly
def erase(handle: str, yes: bool, as_json: bool) -> None:
    """Delete the account HANDLE for good. What was found, judged and earned stays under a made-up name.

    \b
    Example: flask --app app btm person erase marta_k
    """
    account_id = find_account_id(handle)
    view = show_erasure(account_id, now=_now())
    if not yes and not view.why_not:
        click.confirm(
            f"{view.handle} is deleted for good, and {view.points_lost:,} points that are unpaid or promised are lost. Go on?",
            abort=True,
            err=True,
        )
    kept_as = erase_account(
        account_id, giving_up=view.points_lost, is_operator=True, now=_now(), new_id=secrets.token_hex(8)
    )
    click.echo(
        json.dumps({"kept_as": kept_as}) if as_json else f"Erased. What stays is under the name {kept_as}."
    )


def _now() -> datetime:
    return datetime.now(UTC)
