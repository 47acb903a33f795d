"""`flask --app app btm platform ...`: work on Mechanical Turk and Prolific, and invites. Exit code 1 with the reason where something is
refused."""

from __future__ import annotations

import json
import secrets
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import click
from flask import current_app
from flask.cli import AppGroup

from btm.cli.machine import as_json
from btm.cli.words import plainly
from btm.platforms.directory import MARKETS, market_named
from btm.rules.works import WorkTerms
from btm.services.close_work import close_work
from btm.services.invites import list_invites, make_invite, revoke_invite
from btm.services.link_worker import link_worker
from btm.services.publish_work import publish_work
from btm.services.show_works import show_work, show_works
from btm.services.tend_work import WorkTools, sync_work
from btm.services.views_platforms import InviteView, WorkView

platform = AppGroup("platform", help="Bring people by Mechanical Turk, Prolific, or invites of your own.")
invite = AppGroup("invite", help="Links for your own crowd: make, list and revoke.")
platform.add_command(invite)


@platform.command("publish")
@click.argument("slug")
@click.option("--on", "name", type=click.Choice(MARKETS), required=True, help="The platform.")
@click.option("--kind", type=click.Choice(["play", "judge"]), default="judge", show_default=True)
@click.option("--title", required=True)
@click.option("--description", required=True)
@click.option("--pieces", type=int, default=5, show_default=True, help="Pages an assignment.")
@click.option("--places", type=int, default=9, show_default=True, help="Assignments in all.")
@click.option("--reward", type=int, required=True, help="Cents an assignment.")
@click.option("--minutes", type=int, default=30, show_default=True, help="Time for an assignment.")
@click.option("--days", type=int, default=3, show_default=True, help="How long it is offered.")
@click.option("--min-approval", type=int, default=0, help="Percent of somebody's work that was approved.")
@click.option("--min-approved", type=int, default=0, help="Tasks of somebody's that were approved.")
@click.option("--country", "countries", multiple=True, help="Two letters; several times for several.")
@click.option(
    "--needs-test", is_flag=True, help="Only people who passed the topic's test here (Mechanical Turk)."
)
@click.option("--dry-run", is_flag=True, help="Say what it costs, and publish nothing.")
@as_json
@plainly
def publish(
    slug: str, name: str, dry_run: bool, as_json: bool, countries: tuple[str, ...], **terms: Any
) -> None:
    """Put work of the challenge SLUG up on a platform. A worker carries it out; `platform status` says how it stands.

    \b
    Example:
      flask --app app btm platform publish drugs --on mturk --title "Judge web pages" \\
        --description "Say what five pages are." --reward 50 --places 18 --dry-run
    """
    settings = current_app.extensions["btm_settings"]
    market = market_named(name, settings)
    cost = market.estimate(terms["reward"], terms["places"])
    if dry_run:
        line = f"{_usd(cost.rewards)} rewards and {_usd(cost.fee)} fee: {_usd(cost.total)}. {cost.note}"
        _write(asdict(cost) | {"total": cost.total}) if as_json else click.echo(line)
        return
    view = publish_work(
        slug, WorkTerms(countries=countries, **terms), market=market, public_url=settings.public_url,
        asker_id=None, now=_now(), new_id=lambda: secrets.token_hex(8),
    )  # fmt: skip
    _tell([view], as_json)


@platform.command("status")
@click.argument("slug")
@click.argument("work", required=False)
@as_json
@plainly
def status(slug: str, work: str | None, as_json: bool) -> None:
    """List the work of SLUG on platforms, or one WORK with its assignments.

    \b
    Example: flask --app app btm platform status drugs
    """
    if work is None:
        _tell(show_works(slug, asker_id=None), as_json)
        return
    view, rows = show_work(slug, work, asker_id=None)
    if as_json:
        _write(asdict(view) | {"assignments": [asdict(row) for row in rows]})
        return
    _tell([view], as_json=False)
    for row in rows:
        click.echo(
            f"  {row.public_id} {row.worker} {row.state} {row.done}/{row.pieces} {row.trouble}".rstrip()
        )


@platform.command("close")
@click.argument("slug")
@click.argument("work")
@as_json
@plainly
def close(slug: str, work: str, as_json: bool) -> None:
    """Let nobody new into WORK of SLUG. Who works may finish.

    \b
    Example: flask --app app btm platform close drugs 1f0c9a2b3d4e5f60
    """
    _tell([close_work(slug, work, asker_id=None, now=_now())], as_json)


@platform.command("sync")
@click.argument("slug")
@click.argument("work")
@as_json
@plainly
def sync(slug: str, work: str, as_json: bool) -> None:
    """Look after WORK of SLUG now, rather than when its turn comes: publish, see who handed in, approve, close.

    \b
    Example: flask --app app btm platform sync drugs 1f0c9a2b3d4e5f60
    """
    settings = current_app.extensions["btm_settings"]
    tools = WorkTools(lambda name: market_named(name, settings), _now, lambda: secrets.token_hex(8))
    sync_work(slug, work, tools, asker_id=None)
    _tell([show_work(slug, work, asker_id=None)[0]], as_json)


@platform.command("link")
@click.argument("handle")
@click.argument("worker")
@click.option("--on", "name", type=click.Choice(MARKETS), required=True, help="The platform.")
@as_json
@plainly
def link(handle: str, worker: str, name: str, as_json: bool) -> None:
    """Say that WORKER, an id of a platform, is HANDLE: one person, with one account, paid by the platform they came by last.

    What was earned before under a made-up name stays there, and is paid to the same worker.

    \b
    Example: flask --app app btm platform link marta_k A1B2C3D4E5F6G7 --on mturk
    """
    before = link_worker(handle, name, worker, now=_now())
    if as_json:
        _write({"handle": handle, "platform": name, "worker": worker, "before": before})
        return
    click.echo(f"{worker} on {name} is {handle} now" + (f", and was {before}" if before else ""))


@invite.command("make")
@click.argument("slug")
@click.option("--kind", type=click.Choice(["play", "judge"]), default="play", show_default=True)
@click.option("--uses", type=int, default=50, show_default=True, help="People it lets in.")
@click.option("--days", type=int, help="How long it lasts; without it, for good.")
@click.option("--note", default="", help="For whom it is; only you see it.")
@as_json
@plainly
def make(slug: str, kind: str, uses: int, days: int | None, note: str, as_json: bool) -> None:
    """Make a link into the challenge SLUG.

    \b
    Example: flask --app app btm platform invite make drugs --uses 30 --days 14 --note "Spring class"
    """
    view = make_invite(
        slug, kind=kind, most_uses=uses, days=days, note=note, asker_id=None, now=_now(),
        new_code=secrets.token_urlsafe(12),
    )  # fmt: skip
    _tell_invites([view], as_json)


@invite.command("list")
@click.argument("slug")
@as_json
@plainly
def list_(slug: str, as_json: bool) -> None:
    """List the invites of SLUG.

    \b
    Example: flask --app app btm platform invite list drugs
    """
    _tell_invites(list_invites(slug, asker_id=None, now=_now()), as_json)


@invite.command("revoke")
@click.argument("slug")
@click.argument("code")
@as_json
@plainly
def revoke(slug: str, code: str, as_json: bool) -> None:
    """Take an invite of SLUG back: nobody new comes in by CODE.

    \b
    Example: flask --app app btm platform invite revoke drugs Zk3vQ9a1B2c3D4e5
    """
    _tell_invites([revoke_invite(slug, code, asker_id=None, now=_now())], as_json)


def _tell(views: list[WorkView], as_json: bool) -> None:
    if as_json:
        _write([asdict(view) for view in views])
        return
    for view in views:
        counts = ", ".join(f"{count} {state}" for state, count in sorted(view.counts.items()))
        click.echo(
            f"{view.public_id} {view.platform} {view.kind} {view.state}: {view.title} ({counts or 'nobody yet'})"
        )
        if view.trouble:
            click.echo(f"  {view.trouble}")
    if not views:
        click.echo("No work yet.", err=True)


def _tell_invites(views: list[InviteView], as_json: bool) -> None:
    if as_json:
        _write([asdict(view) for view in views])
        return
    base = current_app.extensions["btm_settings"].public_url
    for view in views:
        click.echo(
            f"{base}/i/{view.code} {view.kind} {view.used}/{view.most_uses} {view.note} {view.why_not}".rstrip()
        )
    if not views:
        click.echo("No invite yet.", err=True)


def _usd(cents: int) -> str:
    return f"{cents / 100:,.2f} USD"


def _write(value: object) -> None:
    json.dump(value, sys.stdout, default=str, ensure_ascii=False)
    sys.stdout.write("\n")


def _now() -> datetime:
    return datetime.now(UTC)
