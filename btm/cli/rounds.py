"""`flask --app app btm round ...`: let a machine learn from the corpus, see what came of it, promote it or roll it back. Results go to
standard output, progress to standard error."""

from __future__ import annotations

import json
import secrets
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from typing import BinaryIO

import click
from flask import current_app
from flask.cli import AppGroup

from btm.cli.labelled import format_of, name_of
from btm.cli.machine import as_json
from btm.cli.words import Bar, plainly
from btm.rules.errors import Conflict, NotFound
from btm.services.promote_round import promote_round
from btm.services.read_labelled import FORMATS
from btm.services.roll_back_round import roll_back_round
from btm.services.show_rounds import show_round, show_rounds
from btm.services.start_round import start_round
from btm.services.views_clusters import RoundView

round_ = AppGroup("round", help="Let a machine learn from what was found, and promote it or roll it back.")
POLL_SECONDS = 0.5
SHOWN = ("wrong", "severe", "average_precision", "cost", "calibration")


@round_.command("start")
@click.argument("slug")
@click.option(
    "--kind",
    type=click.Choice(["candidate", "correction"]),
    help="Trained anew, or a layer over a black box.",
)
@click.option("--data", type=click.File("rb"), help="Labelled base data; - for standard input.")
@click.option(
    "--format", "format_", type=click.Choice(FORMATS), help="Told from the file's name where left out."
)
@click.option("--natural", type=click.File("rb"), help="A labelled file of natural traffic to measure on.")
@click.option("--no-wait", is_flag=True, help="Come back at once; `round status` says how it stands.")
@as_json
@plainly
def start(
    slug: str,
    kind: str | None,
    data: BinaryIO | None,
    format_: str | None,
    natural: BinaryIO | None,
    no_wait: bool,
    as_json: bool,
) -> None:
    """Train a version that learned from the corpus of SLUG, and measure it beside the machine that plays. A worker does it.

    Without --data the base data is what the machine that plays was trained on here; a machine that cannot be trained gets a
    correction layer. Exit code 1 where the round fails.

    \b
    Examples:
      flask --app app btm round start drugs
      flask --app app btm round start drugs --data base.jsonl --natural traffic.csv
      flask --app app btm round start drugs --kind correction --natural traffic.csv --no-wait
    """
    guessed = format_of(data) if data else "csv"
    public_id = start_round(
        slug, kind=kind, data=data.read() if data else None, format=format_ or guessed,
        data_name=name_of(data) if data else "", natural=natural.read() if natural else None, asker_id=None,
        snapshots=current_app.extensions["btm_snapshots"], now=_now(), new_id=secrets.token_hex(8),
    )  # fmt: skip
    view = show_round(slug, public_id, asker_id=None) if no_wait else _wait(slug, public_id)
    _tell(view, slug, as_json)
    if view.state == "failed":
        sys.exit(1)


@round_.command("status")
@click.argument("slug")
@click.argument("which", metavar="[ROUND]", required=False)
@as_json
@plainly
def status(slug: str, which: str | None, as_json: bool) -> None:
    """Show the report of a ROUND (its number) of SLUG, or list all rounds.

    \b
    Examples:
      flask --app app btm round status drugs
      flask --app app btm round status drugs 2
    """
    if which is not None:
        _tell(_find(slug, which), slug, as_json)
        return
    views = show_rounds(slug, asker_id=None)
    if as_json:
        _write([asdict(view) for view in views])
        return
    for view in views:
        click.echo(_line(view))
    if not views:
        click.echo("No round yet.", err=True)


@round_.command("promote")
@click.argument("slug")
@click.argument("which", metavar="[ROUND]", required=False)
@click.option("--force", is_flag=True, help="Even where it is not recommended.")
@as_json
@plainly
def promote(slug: str, which: str | None, force: bool, as_json: bool) -> None:
    """Let the machine of a ROUND of SLUG (default: the newest) play from now on, and replay the corpus. Quotes that were made stand.

    \b
    Examples:
      flask --app app btm round promote drugs
      flask --app app btm round promote drugs 2 --force
    """
    public_id = _find(slug, which).public_id
    try:
        view = promote_round(slug, public_id, asker_id=None, now=_now(), force=force)
    except Conflict as conflict:
        if conflict.code != "not_advised":
            raise
        raise Conflict(f"{conflict.sentence} With --force it is promoted nevertheless.") from conflict
    _tell(show_round(slug, view.public_id, asker_id=None), slug, as_json)


@round_.command("rollback")
@click.argument("slug")
@click.argument("which", metavar="[ROUND]", required=False)
@as_json
@plainly
def rollback(slug: str, which: str | None, as_json: bool) -> None:
    """Let the machine play again that played before a ROUND of SLUG (default: the one that plays), and replay the corpus.

    \b
    Example: flask --app app btm round rollback drugs
    """
    if which is None:
        playing = [view for view in show_rounds(slug, asker_id=None) if view.may_roll_back]
        if not playing:
            raise Conflict("No round's machine plays, so there is nothing to roll back.")
        public_id = playing[0].public_id
    else:
        public_id = _find(slug, which).public_id
    roll_back_round(slug, public_id, asker_id=None, now=_now())
    _tell(show_round(slug, public_id, asker_id=None), slug, as_json)


def _wait(slug: str, public_id: str) -> RoundView:
    """Follow a round until it is done."""
    with Bar("Round") as bar:
        while (view := show_round(slug, public_id, asker_id=None)).state == "training":
            bar(view.progress or 0.0, view.message)
            time.sleep(POLL_SECONDS)
        bar(1.0, view.state)
    return view


def _find(slug: str, which: str | None) -> RoundView:
    """A round by its number or public id, or the newest. Raises NotFound."""
    for view in show_rounds(slug, asker_id=None):
        if which in (None, str(view.number), view.public_id):
            return view
    raise NotFound(f"{slug} has no round {which}." if which else f"{slug} has no round yet.")


def _tell(view: RoundView, slug: str, as_json: bool) -> None:
    if as_json:
        _write(asdict(view))
        return
    click.echo("\n".join(_lines(view)))
    if view.may_promote:
        click.echo(f"\nTo play against it: flask --app app btm round promote {slug} {view.number}")


def _line(view: RoundView) -> str:
    line = f"Round {view.number} ({view.kind}, {view.state}): {view.base}"
    line += f" -> {view.candidate}" if view.candidate else ""
    return line + (f", {view.recommendation.replace('_', ' ')}" if view.recommendation else "")


def _lines(view: RoundView) -> Iterator[str]:
    """The report in words: the recommendation and its reasons, the three sets, the clusters."""
    yield _line(view)
    if view.message:
        yield view.message
    yield from view.reasons
    for each in view.sets:
        yield f"{each.name}, {each.pages:,} pages" + (":" if each.pages else "")
        for measure, before, after, low, high in each.figures:
            if measure in SHOWN and before is not None and after is not None:
                bounds = f" ({low:+.4f} to {high:+.4f})" if low is not None and high is not None else ""
                yield f"  {measure.replace('_', ' ')}: {before:.4f} -> {after:.4f}{bounds}"
    for cluster in view.clusters:
        yield f"  {cluster.status:<6} {cluster.name}: {cluster.before:.0%} -> {cluster.after:.0%} wrong of {cluster.size}"
    if view.state == "promoted":
        yield f"{view.closed} clusters closed, {view.regressed} regressed (as far as the corpus is replayed)."


def _write(value: object) -> None:
    json.dump(value, sys.stdout, default=_plain, ensure_ascii=False)
    sys.stdout.write("\n")


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _now() -> datetime:
    return datetime.now(UTC)
