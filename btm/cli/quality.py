"""`flask --app app btm quality FILE`: item labels and a ranking of judges from any file of judgements. Needs no database."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any, BinaryIO

import click
import numpy as np

from btm.cli.words import plainly
from btm.services.rank_judges import METHODS, JudgeQualityView, JudgesReport, rank_judges
from btm.services.read_judgements import GoldFile, JudgementFile, read_costs, read_gold, read_judgements
from btm.services.views_machines import BadRowView


@click.command("quality")
@click.argument("file", type=click.File("rb"))
@click.option(
    "--gold", type=click.File("rb"), help="A file with the columns item,label: items whose truth is known."
)
@click.option(
    "--costs", type=click.File("rb"), help="A file with the columns true,assigned,cost: what errors cost."
)
@click.option(
    "--method",
    type=click.Choice(METHODS),
    default=METHODS[0],
    show_default=True,
    help="What labels the items.",
)
@click.option(
    "--specification",
    type=click.FloatRange(0, 1, min_open=True),
    help="The quality that is paid in full: shows pay.",
)
@click.option("--json", "as_json", is_flag=True, help="Write one JSON object instead of text.")
@plainly
def quality(file: BinaryIO, gold: BinaryIO | None, costs: BinaryIO | None, as_json: bool, **how: Any) -> None:
    """Say what items are and what judges are worth, from a file of judgements alone.

    FILE is CSV (commas, semicolons or tabs; gzipped or not) with the columns worker,item,label; - is standard input. Without a
    first row of names the columns are taken in that order. Rows that cannot be used are listed on standard error and left out.

    Judges are measured by Dawid and Skene's model. Quality is 1 for a judge whose labels leave no doubt (however biased), and 0
    for one whose labels say nothing (however often right). docs/judges.md explains both.

    \b
    Examples:
      flask --app app btm quality judgements.csv
      flask --app app btm quality judgements.csv --gold gold.csv --costs costs.csv --json > report.json
      flask --app app btm quality judgements.csv.gz --method quality-vote --specification 0.8
    """
    priced = read_costs(costs) if costs is not None else None
    found = read_judgements(file, priced.labels if priced else None)
    labels = priced.labels if priced else tuple(sorted(set(found.labels)))
    truths = read_gold(gold, found.items, labels) if gold is not None else GoldFile()
    _tell(found, truths)
    report = rank_judges(
        found.workers, found.items, found.labels, rng=np.random.default_rng(0), gold=truths.labels, classes=labels,
        cost=priced.cost if priced else None, **how,
    )  # fmt: skip
    if as_json:
        click.echo(json.dumps(_told(report, found, truths), ensure_ascii=False, allow_nan=False))
        return
    for line in _lines(report):
        click.echo(line)


def _tell(found: JudgementFile, truths: GoldFile) -> None:
    """What was left out, on standard error."""
    if not found.named:
        click.echo("The first row names no columns: they are taken for worker, item and label.", err=True)
    _tell_rows("Row", found.bad, found.bad_count, len(found.labels))
    _tell_rows("Gold row", truths.bad, len(truths.bad), len(truths.labels))


def _tell_rows(word: str, bad: Sequence[BadRowView], count: int, used: int) -> None:
    for row in bad[:50]:
        click.echo(f"{word} {row.number} {row.reason}", err=True)
    if count > len(bad[:50]):
        click.echo(f"... and {count - len(bad[:50]):,} more", err=True)
    if count:
        were = "1 row was" if count == 1 else f"{count:,} rows were"
        click.echo(f"{were} left out, {used:,} are used.", err=True)


def _told(report: JudgesReport, found: JudgementFile, truths: GoldFile) -> dict[str, Any]:
    told = asdict(report)
    for item in told["items"]:
        item["probabilities"] = dict(zip(report.labels, item["probabilities"], strict=True))
    told["priors"] = dict(zip(report.labels, report.priors, strict=True))
    told["left_out"] = found.bad_count
    told["bad_rows"] = [asdict(row) for row in found.bad]
    told["bad_gold_rows"] = [asdict(row) for row in truths.bad]
    return told


def _lines(report: JudgesReport) -> Iterator[str]:
    yield f"{len(report.items):,} items, {len(report.judges):,} judges, {report.judgements:,} judgements"
    shares = zip(report.labels, report.priors, strict=True)
    yield "Labels: " + ", ".join(f"{label} {share:.1%}" for label, share in shares)
    yield ""
    yield from _columns(
        [("item", "label", "probability", *report.labels, "judgements", "gold")]
        + [
            (each.item, each.label, f"{each.probability:.3f}", *(f"{p:.3f}" for p in each.probabilities),
             str(each.judgements), "gold" if each.gold else "")
            for each in report.items
        ]
    )  # fmt: skip
    yield ""
    priced = any(judge.pay is not None for judge in report.judges)
    heads = ("rank", "judge", "judgements", "quality", "95% interval", "gold right")
    rows = [_judge(place, judge, priced) for place, judge in enumerate(report.judges, 1)]
    yield from _columns([(*heads, "needed", "pay") if priced else heads, *rows])


def _judge(place: int, judge: JudgeQualityView, priced: bool) -> tuple[str, ...]:
    right = f"{judge.gold_right} of {judge.gold_judgements}" if judge.gold_judgements else "-"
    cells = (
        str(place), judge.worker, str(judge.judgements), f"{judge.quality:.3f}", f"{judge.low:.3f}-{judge.high:.3f}", right
    )  # fmt: skip
    if not priced:
        return cells
    return (
        *cells,
        "never" if judge.judges_needed is None else str(judge.judges_needed),
        f"{judge.pay or 0:.0%}",
    )


def _columns(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Rows in columns as wide as what they hold."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
