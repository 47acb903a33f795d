"""`flask --app app btm pool ...`: pages with noisy labels or none, judged where a label pays most."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from datetime import UTC, datetime

import click
from flask import current_app
from flask.cli import AppGroup

from btm.cli.labelled import Data, DataFile, LabelledRows
from btm.cli.machine import as_json
from btm.cli.words import Bar, plainly
from btm.rules.repeated_labelling import LMU, RANKINGS
from btm.services import export_pool, import_pool
from btm.services.read_labelled import FORMATS
from btm.services.show_pool import show_pool

pool = AppGroup("pool", help="Have a set of pages judged where a label pays most.")
the_challenge = click.option("--challenge", "slug", required=True, help="The challenge whose pool it is.")
the_ranking = click.option(
    "--by", "ranking", type=click.Choice(RANKINGS), default=LMU, show_default=True,
    help="Label uncertainty, model uncertainty, or both.",
)  # fmt: skip
the_most = click.option(
    "--most", type=click.IntRange(0), default=1000, show_default=True, help="The most pages that are put up."
)


@pool.command("import")
@click.argument("data", type=DataFile())
@the_challenge
@click.option(
    "--format", "--kind", "kind", type=click.Choice(FORMATS), help="Told from the file where left out."
)
@the_ranking
@the_most
@as_json
@plainly
def import_(data: Data, slug: str, kind: str | None, ranking: str, most: int, as_json: bool) -> None:
    """Import a file: CSV, JSONL, Parquet, Label Studio's JSON, or a Hugging Face data set's folder. A row has a url, a text or html; and, if there are any, noisy labels in label, label_1, label_2, ...
    or labels (several between | or ;). Rows of the same text are one page. Doing it twice adds nothing.

    \b
    Examples:
      flask --app app btm pool import pages.csv --challenge drugs
      flask --app app btm pool import pages.jsonl --challenge drugs --by lu --most 200
      flask --app app btm pool import project-7.json --format label-studio --challenge drugs
    """
    rows = LabelledRows(data, kind, slug, noisy=True)
    with Bar("Importing") as bar:
        done = import_pool.import_pool(
            slug, rows, ranking=ranking, most=most, asker_id=None, shelf=current_app.extensions["btm_machines"],
            snapshots=current_app.extensions["btm_snapshots"], now=_now(), progress=bar,
        )  # fmt: skip
    if as_json:
        click.echo(json.dumps(asdict(done)))
    else:
        click.echo(
            f"{done.added:,} pages added, {done.known:,} were there, {done.put_up:,} put up for judgement"
        )


@pool.command("review")
@the_challenge
@the_ranking
@the_most
@as_json
@plainly
def review(slug: str, ranking: str, most: int, as_json: bool) -> None:
    """Put up more pages of the pool, those where a label pays most.

    \b
    Example: flask --app app btm pool review --challenge drugs --most 200
    """
    count = import_pool.put_up_more(slug, ranking=ranking, most=most, asker_id=None, now=_now())
    click.echo(json.dumps({"put_up": count}) if as_json else f"{count:,} put up for judgement")


@pool.command("status")
@the_challenge
@as_json
@plainly
def status(slug: str, as_json: bool) -> None:
    """Say how many pages there are, how many are judged, and how good the labels became.

    \b
    Example: flask --app app btm pool status --challenge drugs
    """
    view = show_pool(slug, asker_id=None)
    if as_json:
        click.echo(json.dumps(asdict(view), default=str))
        return
    click.echo(
        f"{view.pages:,} pages: {view.waiting:,} wait, {view.open:,} up for judgement, {view.undecided:,} undecided, "
        f"{view.decided:,} with a verdict"
    )
    click.echo(f"{view.judgements:,} judgements, {view.given:,} labels that came with the pages")
    if view.given_checked:
        click.echo(
            f"Of {view.given_checked:,} pages with a verdict, their given labels were right about {view.given_right:,}"
        )
    for point in view.points[-5:]:
        click.echo(
            f"after {point.judgements:,} judgements: labels {_share(point.label_quality)}, model {_share(point.model_quality)}"
        )


@pool.command("export")
@the_challenge
@click.option("--format", type=click.Choice(export_pool.FORMATS), default="jsonl", show_default=True)
@plainly
def export(slug: str, format: str) -> None:
    """Write every page with its labels, posterior and label to standard output.

    \b
    Example: flask --app app btm pool export --challenge drugs --format csv > pool.csv
    """
    for part in export_pool.export_pool(slug, format, asker_id=None, now=_now()):
        sys.stdout.buffer.write(part)


def _share(value: float | None) -> str:
    return "not measurable yet" if value is None else f"{value:.1%}"


def _now() -> datetime:
    return datetime.now(UTC)
