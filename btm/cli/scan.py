"""`flask --app app btm scan`: how common are a challenge's known errors in a crawl, and where are more of them? The table goes to
standard output, progress to standard error."""

from __future__ import annotations

import json
import secrets
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import click
from flask import current_app

from btm.cli.words import Bar, plainly
from btm.rules.errors import Invalid
from btm.services.keep_scan import keep_scan
from btm.services.list_challenges import list_challenges
from btm.services.pool_pages import Added, add_pages
from btm.services.scan_crawl import Where, candidates, scan_crawl
from btm.services.scanning import SAMPLE, SUSPECT, Scanned
from btm.services.views_scans import ScanCluster, ScanView

INCOMPLETE = 3
STOPPED = 130
_SHOWN = 10


@click.command("scan")
@click.argument("sources", nargs=-1, required=True)
@click.option("--challenge", "slug", help="The challenge whose machine and known errors to scan with.")
@click.option("--workers", type=click.IntRange(1), help="Processes on this computer (default: one a core).")
@click.option(
    "--scheduler", default="", help="The address of a Dask cluster that does the work, tcp://host:8786."
)
@click.option(
    "--state", type=click.Path(file_okay=False, path_type=Path), help="The scan's folder, to go on from."
)
@click.option("--fresh", is_flag=True, help="Forget an earlier run over the same crawl.")
@click.option(
    "--suspects",
    type=click.IntRange(0),
    default=100,
    show_default=True,
    help="The most pages put up for review.",
)
@click.option("--no-review", is_flag=True, help="Put nothing up for review.")
@click.option("--json", "as_json", is_flag=True, help="Write one JSON object instead of a table.")
@plainly
def scan(
    sources: tuple[str, ...],
    slug: str | None,
    workers: int | None,
    scheduler: str,
    state: Path | None,
    fresh: bool,
    suspects: int,
    no_review: bool,
    as_json: bool,
) -> None:
    """Score a crawl: WARC, WET, CSV or JSONL with url and text or html, Parquet; paths, patterns, folders or fsspec addresses.

    Estimates for each cluster of known errors how common it is there, feeds that to quotes, and puts the likeliest errors up for
    review. The same command goes on where it was interrupted; once it is through, it reads nothing again, and makes the estimate
    of the verdicts that have come since. Exit code 0: done; 1: refused, with the reason; 3: parts of the crawl are missing, run
    it again; 130: interrupted.

    \b
    Examples:
      flask --app app btm scan --challenge drugs crawl.warc.gz
      flask --app app btm scan --challenge drugs --workers 8 --no-review --json 'crawl/*.warc.gz' > scan.json
      flask --app app btm scan --challenge drugs --scheduler tcp://10.0.0.5:8786 s3://bucket/crawl/
    """
    settings = current_app.extensions["btm_settings"]
    where = Where(settings.snapshot_place, settings.machine_dir, settings.data_dir / "scans")
    chosen = slug or _only_challenge()
    try:
        with Bar("Scanning") as bar:
            found = scan_crawl(
                chosen, sources, where=where, asker_id=None, state=state, fresh=fresh, workers=workers,
                scheduler=scheduler, suspects=suspects, progress=bar,
            )  # fmt: skip
    except KeyboardInterrupt:
        click.echo("Interrupted. The same command goes on from here.", err=True)
        sys.exit(STOPPED)
    if found.failed:
        _tell_failed(found)
        sys.exit(INCOMPLETE)
    added = Added(0, 0, 0) if no_review else _put_up(chosen, found, suspects)
    view = keep_scan(chosen, found, asker_id=None, now=_now(), new_id=secrets.token_hex(8))
    _show(view, added, as_json)


def _only_challenge() -> str:
    open_ones = [card.slug for card in list_challenges(now=_now()) if card.is_open]
    if len(open_ones) != 1:
        listed = ", ".join(sorted(open_ones)) or "none is open"
        raise Invalid(f"Say which challenge, with --challenge: {listed}.", field="challenge")
    return open_ones[0]


def _put_up(slug: str, found: Scanned, limit: int) -> Added:
    total = Added(0, 0, 0)
    for source, pages in zip((SAMPLE, SUSPECT), candidates(found, limit), strict=True):
        done = add_pages(
            slug, pages, source=source, asker_id=None, shelf=current_app.extensions["btm_machines"],
            snapshots=current_app.extensions["btm_snapshots"], now=_now(), limit=limit,
        )  # fmt: skip
        total = Added(total.added + done.added, total.known + done.known, total.unpaid + done.unpaid)
    return total


def _tell_failed(found: Scanned) -> None:
    for part, reason in list(found.failed.items())[:_SHOWN]:
        click.echo(f"{part}: {reason}", err=True)
    parts = "1 part" if len(found.failed) == 1 else f"{len(found.failed):,} parts"
    click.echo(
        f"{parts} of the crawl could not be scanned, so nothing was estimated. The same command tries again what is missing.",
        err=True,
    )


def _show(view: ScanView, added: Added, as_json: bool) -> None:
    if as_json:
        json.dump({**asdict(view), "review": asdict(added)}, sys.stdout, default=str, ensure_ascii=False)
        sys.stdout.write("\n")
        return
    bad = ", ".join(f"{count:,} {reason}" for reason, count in view.bad)
    click.echo(
        f"{view.pages:,} pages scored by {view.machine} {view.version}, {view.open:,} of them open to error"
        + (f"; left out: {bad}" if bad else "")
    )
    if not view.clusters:
        click.echo("No error of this machine is known yet, so there is nothing to look for.")
        return
    click.echo(
        f"{'cluster':<40} {'per million':>12} {'95% interval':>24} {'suspects':>9} {'errors':>11} {'sent':>5} weight"
    )
    for each in view.clusters:
        click.echo(_line(each))
    click.echo(
        f"{added.added:,} put up for review; {added.known:,} were there already"
        + (f"; the budget has no points for judges of {added.unpaid:,} more" if added.unpaid else "")
    )


def _line(each: ScanCluster) -> str:
    between = f"{each.low * 1e6:,.0f} to {each.high * 1e6:,.0f}"
    checked = f"{each.truly} of {each.checked}" if each.checked else "unchecked"
    return (
        f"{each.name[:40]:<40} {each.share * 1e6:>12,.0f} {between:>24} {each.suspects:>9,} {checked:>11} {each.sent:>5,} "
        f"{each.weight:.2f}"
    )


def _now() -> datetime:
    return datetime.now(UTC)
