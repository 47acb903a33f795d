"""`flask --app app btm audit ...`: have a machine's own output inspected, and see what that says of the whole pool."""

from __future__ import annotations

import json
import secrets
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from typing import BinaryIO

import click
from flask import current_app
from flask.cli import AppGroup

from btm.cli.labelled import format_of, name_of
from btm.cli.words import Bar, plainly, tell_bad_rows
from btm.services.read_labelled import FORMATS, read_labelled
from btm.services.run_audit import check_affordable, draw_audit
from btm.services.show_audit import list_audits, show_audit
from btm.services.views_clusters import AuditView, ShareView

audit = AppGroup("audit", help="Inspect what a machine says of a pool of pages, by a stratified draw.")


@audit.command("start")
@click.option("--challenge", "slug", required=True, help="The challenge whose machine is inspected.")
@click.option(
    "--data", type=click.File("rb"), required=True, help="The pool: CSV or JSONL; - for standard input."
)
@click.option(
    "--format", "kind", type=click.Choice(FORMATS), help="Told from the file's name where left out."
)
@click.option("--bins", type=int, default=10, show_default=True, help="Bins of equal width by expected cost.")
@click.option(
    "--wanted", type=int, default=500, show_default=True, help="Pages to draw, as many from each bin."
)
@plainly
def start(slug: str, data: BinaryIO, kind: str | None, bins: int, wanted: int) -> None:
    """Ask the machine about every page of a pool, and put a draw of them up for review.

    Rows have url and text or html; labels are not looked at, and nothing is fetched.

    \b
    Example: flask --app app btm audit start --challenge drugs --data pool.jsonl --wanted 500
    """
    check_affordable(slug, min(wanted, bins), bins, None)
    with Bar("Reading") as bar:
        found = read_labelled(data, kind or format_of(data), labels=None, reader=None, progress=bar)
    tell_bad_rows(found)
    public_id = secrets.token_hex(8)
    with Bar("Asking") as bar:
        drawn = draw_audit(
            slug, [row.page for row in found.pages], public_id=public_id, bins=bins, wanted=wanted,
            data_name=name_of(data), asker_id=None, shelf=current_app.extensions["btm_machines"],
            snapshots=current_app.extensions["btm_snapshots"], now=datetime.now(UTC), progress=bar,
        )  # fmt: skip
    click.echo(f"Audit {public_id}: {drawn:,} of {len(found.pages):,} pages wait for judges")


@audit.command("show")
@click.option("--challenge", "slug", required=True, help="The challenge that was inspected.")
@click.argument("audit_id", required=False)
@click.option("--json", "as_json", is_flag=True, help="Write one JSON object a line instead of text.")
@plainly
def show(slug: str, audit_id: str | None, as_json: bool) -> None:
    """Show one audit, or all of a challenge, newest first: the shares of errors in the pool.

    \b
    Example: flask --app app btm audit show --challenge drugs
    """
    views = [show_audit(slug, audit_id, asker_id=None)] if audit_id else list_audits(slug, asker_id=None)
    for view in views:
        if as_json:
            json.dump(asdict(view), sys.stdout, default=str, ensure_ascii=False)
            sys.stdout.write("\n")
        else:
            _tell(view)


def _tell(view: AuditView) -> None:
    drawn = sum(stratum[3] for stratum in view.strata)
    click.echo(
        f"{view.public_id} of {view.created_at:%Y-%m-%d}: {view.machine} {view.version} on {view.data} ({view.pool:,} pages), "
        f"{view.judged:,} of {drawn:,} judged, {view.state}"
    )
    click.echo(f"  errors {_share(view.errors)}; severe {_share(view.severe)}")


def _share(share: ShareView) -> str:
    if share.value is None or share.low is None or share.high is None:
        return "not known yet"
    return f"{share.value:.1%} ({share.low:.1%} to {share.high:.1%})"
