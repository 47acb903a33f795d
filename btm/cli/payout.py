"""`flask --app app btm payout ...`: batches of payments, and `btm acts`: the record of what privileged people did. Exit code 1 with the
reason where something is refused."""

from __future__ import annotations

import json
import secrets
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup

from btm.cli.machine import as_json
from btm.cli.words import plainly
from btm.services import show_payouts
from btm.services.freeze_payouts import freeze_batch, open_batch
from btm.services.freeze_payouts import show_payable as preview
from btm.services.move_batch import approve_batch, cancel_batch, give_back_refused, pay_batch, retry_refused
from btm.services.payout_facts import PLATFORMS
from btm.services.reconcile_payouts import reconcile_batch
from btm.services.release_find import list_held, question_find, release_find
from btm.services.show_acts import show_acts
from btm.services.views_money import HeldView
from btm.services.views_payouts import BatchView

payout = AppGroup("payout", help="Pay workers: freeze, approve, pay, reconcile.")


@payout.command("freeze")
@click.option("--platform", type=click.Choice(PLATFORMS), default="local", show_default=True)
@click.option(
    "--cutoff", type=click.DateTime(), help="Points earned up to this moment, in UTC (default: now)."
)
@click.option("--least", type=int, default=100, show_default=True, help="The least payment, in cents.")
@click.option("--dry-run", is_flag=True, help="Say who would be paid what, and freeze nothing.")
@as_json
@plainly
def freeze(platform: str, cutoff: datetime | None, least: int, dry_run: bool, as_json: bool) -> None:
    """Take everybody's unpaid points into a new batch, whose id is printed. Points of challenges for points only are left out.

    \b
    Examples:
      flask --app app btm payout freeze --dry-run
      flask --app app btm payout freeze --platform mturk --cutoff 2027-01-01 --least 50
    """
    now = _now()
    moment = cutoff.replace(tzinfo=UTC) if cutoff else now
    if dry_run:
        view = preview(platform, cutoff=moment, least_cents=least, asker_id=None, now=now)
        if as_json:
            click.echo(json.dumps(asdict(view), default=str))
            return
        for payee in view.payees:
            click.echo(f"{payee.handle} {_usd(payee.cents)} for {payee.points:,} points")
        for each in view.held:
            click.echo(f"held: {_held_line(each)}")
        click.echo(f"{len(view.payees)} workers, {_usd(view.cents)}; {view.below} do not reach {_usd(least)}")
        return
    made = open_batch(
        platform, cutoff=moment, least_cents=least, asker_id=None, now=now, new_id=secrets.token_hex(8)
    )
    _tell(freeze_batch(made.public_id, asker_id=None, now=now), as_json)


@payout.command("approve")
@click.argument("batch")
@as_json
@plainly
def approve(batch: str, as_json: bool) -> None:
    """Say that the frozen BATCH may be paid. With BTM_PAYOUT_FOUR_EYES=1 not where it was frozen from the command line, too.

    \b
    Example: flask --app app btm payout approve 1f0c9a2b3d4e5f60
    """
    four_eyes = current_app.extensions["btm_settings"].payout_four_eyes
    _tell(approve_batch(batch, asker_id=None, now=_now(), four_eyes=four_eyes), as_json)


@payout.command("pay")
@click.argument("batch")
@click.option("--retry", is_flag=True, help="Try what was refused once more.")
@as_json
@plainly
def pay(batch: str, retry: bool, as_json: bool) -> None:
    """Have the approved BATCH paid by the worker process. Nobody is paid twice, whatever is killed meanwhile.

    \b
    Examples:
      flask --app app btm payout pay 1f0c9a2b3d4e5f60
      flask --app app btm payout pay 1f0c9a2b3d4e5f60 --retry
    """
    move = retry_refused if retry else pay_batch
    _tell(move(batch, asker_id=None, now=_now()), as_json)


@payout.command("cancel")
@click.argument("batch")
@click.option("--refused", is_flag=True, help="Of a paid batch, give back only what was refused.")
@as_json
@plainly
def cancel(batch: str, refused: bool, as_json: bool) -> None:
    """Cancel BATCH, of which nothing was paid: everybody has their points again.

    \b
    Example: flask --app app btm payout cancel 1f0c9a2b3d4e5f60
    """
    move = give_back_refused if refused else cancel_batch
    _tell(move(batch, asker_id=None, now=_now()), as_json)


@payout.command("reconcile")
@click.argument("batch")
@click.argument("statement", type=click.Path(path_type=Path, exists=True, dir_okay=False), required=False)
@as_json
@plainly
def reconcile(batch: str, statement: Path | None, as_json: bool) -> None:
    """Compare the paid BATCH with its platform, or with STATEMENT: the bank's list as CSV with a column "reference".

    \b
    Example: flask --app app btm payout reconcile 1f0c9a2b3d4e5f60 bank.csv
    """
    data = statement.read_bytes() if statement else None
    view = reconcile_batch(batch, data, asker_id=None, now=_now())
    _tell(view, as_json)
    if view.differences:
        sys.exit(1)


@payout.command("show")
@click.argument("batch", required=False)
@as_json
@plainly
def show(batch: str | None, as_json: bool) -> None:
    """List the newest batches, or one BATCH with its payments.

    \b
    Example: flask --app app btm payout show 1f0c9a2b3d4e5f60 --json
    """
    if batch is None:
        page = show_payouts.list_batches(asker_id=None)
        if as_json:
            click.echo(json.dumps([asdict(each) for each in page.batches], default=str))
            return
        for each in page.batches:
            click.echo(_line(each))
        if not page.batches:
            click.echo("No batch yet.", err=True)
        return
    _tell(show_payouts.show_batch(batch, asker_id=None, limit=None), as_json)


@payout.command("csv")
@click.argument("batch")
@plainly
def csv(batch: str) -> None:
    """Write the file for a bank to standard output: name, reference, amount, currency.

    \b
    Example: flask --app app btm payout csv 1f0c9a2b3d4e5f60 > bank.csv
    """
    for part in show_payouts.write_bank_file(batch, asker_id=None, now=_now()):
        sys.stdout.buffer.write(part)


@click.command("acts")
@click.option(
    "--subject", default="", help='What it was about: "challenge:drugs", or a kind, such as payout.'
)
@click.option("--verb", default="", help="What was done, such as fund_challenge.")
@click.option("--who", default="", help="Somebody's name, or operator.")
@click.option("--most", type=click.IntRange(1, 1000), default=50, show_default=True)
@click.option("--before", default=None, help="Older than this id.")
@as_json
@plainly
def acts(subject: str, verb: str, who: str, most: int, before: str | None, as_json: bool) -> None:
    """List what privileged people did, newest first.

    \b
    Examples:
      flask --app app btm acts --subject payout
      flask --app app btm acts --who ada --most 200 --json
    """
    page = show_acts(asker_id=None, subject=subject, verb=verb, who=who, cursor=before, limit=most)
    if as_json:
        rows = [asdict(each) | {"detail": dict(each.detail)} for each in page.acts]
        click.echo(json.dumps({"acts": rows, "next": page.next_cursor}, default=str))
        return
    for each in page.acts:
        detail = ", ".join(f"{name}: {value}" for name, value in each.detail)
        click.echo(
            f"{each.id} {each.at:%Y-%m-%d %H:%M} {each.actor or 'operator'} {each.verb} {each.subject} {detail}".rstrip()
        )
    if not page.acts:
        click.echo("Nothing is on record.", err=True)


@payout.command("held")
@click.argument("challenge")
@as_json
@plainly
def held(challenge: str, as_json: bool) -> None:
    """List the finds of CHALLENGE whose points wait, because their pages have to be looked at again first.

    \b
    Example: flask --app app btm payout held drugs --json
    """
    found = list_held(challenge, asker_id=None, now=_now())
    if as_json:
        click.echo(json.dumps(asdict(found), default=str))
        return
    for each in found.held:
        click.echo(_held_line(each))
    more = "" if found.is_all else " or more"
    click.echo(f"{found.pages} finds, {found.points:,} points{more}", err=not found.held)


@payout.command("release")
@click.argument("challenge")
@click.argument("submission")
@click.option("--desk", is_flag=True, help="Take its page to the desk instead, to decide there what it is.")
@as_json
@plainly
def release(challenge: str, submission: str, desk: bool, as_json: bool) -> None:
    """Have the points of a find paid with the next batch, whatever was found at its address since.

    \b
    Examples:
      flask --app app btm payout release drugs 1f0c9a2b3d4e5f60
      flask --app app btm payout release drugs 1f0c9a2b3d4e5f60 --desk
    """
    view = (question_find if desk else release_find)(challenge, submission, asker_id=None, now=_now())
    if as_json:
        click.echo(json.dumps(asdict(view), default=str))
        return
    said = "A modeler decides at the desk" if desk else "They go into the next batch"
    click.echo(f"{said}: {view.points:,} points of {view.handle}")


def _held_line(each: HeldView) -> str:
    return f"{each.submission} {each.handle} {each.points:,} points until {each.until:%Y-%m-%d}: {each.words} ({each.host})"


def _tell(view: BatchView, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(asdict(view), default=str))
        return
    click.echo(_line(view))
    for each in view.payouts:
        click.echo(f"  {each.handle} {_usd(each.cents)} {each.state} {each.reference} {each.note}".rstrip())
    for left in view.held:
        click.echo(f"  held: {_held_line(left)}")
    for difference in view.differences:
        click.echo(
            f"  {difference.key} {difference.handle} {difference.kind}: ours {difference.ours}, theirs {difference.theirs}"
        )


def _line(view: BatchView) -> str:
    busy = ", under way" if view.is_busy else ""
    line = f"{view.public_id} {view.platform} {view.state}{busy}: {view.number} payments, {_usd(view.cents)}"
    return f"{line} ({view.message})" if view.message else line


def _usd(cents: int) -> str:
    return f"{cents / 100:,.2f} USD"


def _now() -> datetime:
    return datetime.now(UTC)
