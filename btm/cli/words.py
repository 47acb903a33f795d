"""What commands say on a terminal: errors as sentences, a progress bar, machines in words."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from functools import wraps
from types import TracebackType
from typing import Any, Self

import click

from btm.rules.errors import DomainError
from btm.services.read_labelled import Labelled
from btm.services.views_machines import FigureView, MachineReportView, MachineVersionView
from btm.store.database import NOT_PREPARED

_WIDTH = 30


def plainly(command: Callable[..., None]) -> Callable[..., None]:
    """Turn a domain error, or a database that is not there yet, into a sentence and exit code 1."""

    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> None:
        try:
            command(*args, **kwargs)
        except DomainError as error:
            click.echo(error.sentence, err=True)
            sys.exit(1)
        except NOT_PREPARED:
            click.echo(
                "The database does not answer, or has no tables yet. Check BTM_DATABASE_URL and BTM_DATA_DIR, and run "
                "`python app.py` once, or `flask --app app db upgrade` and `flask --app app btm seed`.",
                err=True,
            )
            sys.exit(1)

    return run


class Bar:
    """A progress bar on standard error: drawn in place on a terminal, a line each ten seconds elsewhere. Call it with a share
    and a word."""

    def __init__(self, title: str) -> None:
        self._title = title
        self._drawn = False
        self._said_at = time.monotonic()

    def __call__(self, share: float, word: str) -> None:
        filled = round(_WIDTH * share)
        line = f"{self._title} [{'#' * filled}{'.' * (_WIDTH - filled)}] {share:4.0%} {word}"
        if sys.stderr.isatty():
            sys.stderr.write(f"\r{line[:110]:<110}")
            sys.stderr.flush()
            self._drawn = True
        elif time.monotonic() - self._said_at >= 10 or share >= 1:
            click.echo(line, err=True)
            self._said_at = time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._drawn:
            sys.stderr.write("\n")


def tell_bad_rows(found: Labelled) -> None:
    """List on standard error which rows were left out, and why."""
    for bad in found.bad:
        click.echo(f"Row {bad.number} {bad.reason}", err=True)
    if found.bad_count > len(found.bad):
        click.echo(f"... and {found.bad_count - len(found.bad):,} more", err=True)
    if found.bad_count:
        rows = "1 row was" if found.bad_count == 1 else f"{found.bad_count:,} rows were"
        click.echo(f"{rows} left out, {len(found.pages):,} are used.", err=True)


def version_line(view: MachineVersionView) -> str:
    """A version on one line."""
    line = f"{view.name} {view.version} ({view.kind}; {', '.join(view.labels)})"
    line += f" at {view.address}" if view.address else ""
    return line + (f" plays in {', '.join(view.challenges)}" if view.challenges else "")


def card_lines(report: MachineReportView) -> Iterator[str]:
    """The card in words."""
    yield version_line(report.machine)
    for key in ("task", "intended_use", "method", "licence"):
        if report.card.get(key):
            yield f"{key.replace('_', ' ').capitalize()}: {report.card[key]}"
    blind = report.card.get("blind_spots")
    for spot in blind if isinstance(blind, list) else ():
        yield f"Blind spot: {spot}"


def report_lines(report: MachineReportView) -> Iterator[str]:
    """The figures of the measurement that is shown."""
    if report.evaluation is None:
        yield "Not measured here yet."
    else:
        yield f"Measured on {report.evaluation.rows:,} pages ({report.evaluation.data}):"
        if report.accuracy is not None and report.macro_f1 is not None:
            yield f"  accuracy {report.accuracy:.3f}, macro-F1 {report.macro_f1:.3f}"
    for part in report.labels:
        yield f"  {part.label} ({part.true:,} pages): " + ", ".join(map(_figure, part.figures))
    for label, terms in report.terms.items():
        if terms:
            yield f"  speaks for {label}: " + ", ".join(term.term for term in terms[:12])


def _figure(figure: FigureView) -> str:
    if figure.value is None:
        return f"{figure.name} not measurable"
    if figure.low is None or figure.high is None:
        return f"{figure.name} {figure.value:.3f}"
    return f"{figure.name} {figure.value:.3f} [{figure.low:.3f}, {figure.high:.3f}]"
