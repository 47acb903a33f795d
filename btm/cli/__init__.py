"""`flask --app app btm ...`: the operator's verbs. Errors go to standard error as a sentence, with exit code 1."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime

import click
from flask.cli import AppGroup

from btm.cli.audit import audit
from btm.cli.backup import backup, restore
from btm.cli.budget import budget
from btm.cli.challenge import challenge
from btm.cli.collect import collect
from btm.cli.export import export
from btm.cli.machine import machine
from btm.cli.payout import acts, payout
from btm.cli.person import person
from btm.cli.platform import platform
from btm.cli.pool import pool
from btm.cli.quality import quality
from btm.cli.rounds import round_
from btm.cli.scan import scan
from btm.cli.takedown import takedown
from btm.cli.token import token
from btm.cli.webhook import webhook
from btm.cli.words import plainly
from btm.services import find_stuck, roles, seed_challenges

btm = AppGroup("btm")
account = AppGroup("account", help="Give people roles, qualifications and new passwords.")
btm.add_command(export)
btm.add_command(account)
btm.add_command(machine)
btm.add_command(quality)
btm.add_command(round_)
btm.add_command(audit)
btm.add_command(backup)
btm.add_command(restore)
btm.add_command(scan)
btm.add_command(collect)
btm.add_command(challenge)
btm.add_command(platform)
btm.add_command(person)
btm.add_command(pool)
btm.add_command(budget)
btm.add_command(payout)
btm.add_command(acts)
btm.add_command(token)
btm.add_command(webhook)
btm.add_command(takedown)


@btm.command("seed")
@plainly
def seed() -> None:
    """Add the machines and challenges that ship with the product. Doing it again changes nothing that is there."""
    added = seed_challenges.seed_challenges(now=_now(), new_salt=lambda: secrets.token_hex(16))
    click.echo(f"{len(added)} challenges added" + (f": {', '.join(added)}" if added else ""))


@btm.command("sweep")
def sweep() -> None:
    """Ring again for everything that waits for work. The worker does this by itself every few seconds."""
    find_stuck.find_stuck(now=_now())


@account.command("grant")
@click.argument("handle")
@click.argument("role", type=click.Choice(roles.ROLES))
@click.option("--challenge", "slug", default="", help="Only for this challenge.")
@plainly
def grant(handle: str, role: str, slug: str) -> None:
    """Make somebody a modeler or an admin."""
    roles.grant_role(handle, role, slug=slug, now=_now())
    click.echo(f"{handle} is {role} now" + (f" of {slug}" if slug else ""))


@account.command("qualify")
@click.argument("handle")
@click.argument("slug")
@plainly
def qualify(handle: str, slug: str) -> None:
    """Let somebody judge a challenge without taking its test."""
    roles.qualify_account(handle, slug, now=_now())
    click.echo(f"{handle} may judge {slug} now")


@account.command("reset-password")
@click.argument("handle")
@plainly
def reset_password(handle: str) -> None:
    """Give somebody a new random password (printed once), and sign them out everywhere."""
    password = secrets.token_urlsafe(12)
    roles.reset_password(handle, password, now=_now())
    click.echo(f"The new password of {handle} is {password}")


def _now() -> datetime:
    return datetime.now(UTC)
