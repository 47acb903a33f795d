"""`flask --app app btm budget ...`: a challenge's money. Exit code 1 with the reason where something is refused."""

from __future__ import annotations

import json
import secrets
from dataclasses import asdict
from datetime import UTC, datetime

import click
from flask.cli import AppGroup

from btm.cli.machine import as_json
from btm.cli.words import plainly
from btm.rules.budget import Pots
from btm.rules.reward_search import WORDS, Terms
from btm.rules.stops import Stops
from btm.services.fund_challenge import fund_challenge
from btm.services.set_stops import set_stops
from btm.services.show_budget import show_budget
from btm.services.show_search import show_search
from btm.services.start_search import start_search, stop_search
from btm.services.views_money import BudgetView, SearchView, StepView

budget = AppGroup(
    "budget", help="A challenge's money: what is there, put in more, how long it lasts, when it stops."
)
DEFAULTS = Terms()


@budget.command("show")
@click.argument("slug")
@as_json
@plainly
def show(slug: str, as_json: bool) -> None:
    """Say what the budget of SLUG holds, and when it stops.

    \b
    Example: flask --app app btm budget show drugs --json
    """
    view = show_budget(slug, asker_id=None, now=_now())
    if as_json:
        click.echo(json.dumps(asdict(view) | {"free": view.pots.free}, default=str))
        return
    click.echo(_pots(view.pots, view.points_per_usd))
    for line in _stops(view):
        click.echo(line)


@budget.command("fund")
@click.argument("slug")
@click.argument("points", type=int)
@click.option("--reason", default="", help="Why, for the record.")
@click.option("--key", default="", help="Your own name for this: asked again with it, nothing happens twice.")
@as_json
@plainly
def fund(slug: str, points: int, reason: str, key: str, as_json: bool) -> None:
    """Put POINTS into the budget of SLUG; a number below 0, after --, takes out what is free.

    \b
    Examples:
      flask --app app btm budget fund drugs 500000 --reason "Grant 12" --key grant-12
      flask --app app btm budget fund drugs -- -20000
    """
    pots = fund_challenge(
        slug, points, asker_id=None, now=_now(), key=key or secrets.token_hex(8), reason=reason
    )
    view = show_budget(slug, asker_id=None, now=_now())
    click.echo(
        json.dumps(asdict(pots) | {"free": pots.free}) if as_json else _pots(pots, view.points_per_usd)
    )


@budget.command("forecast")
@click.argument("slug")
@as_json
@plainly
def forecast(slug: str, as_json: bool) -> None:
    """Say when the free budget of SLUG runs out, if points are earned as on the last days.

    \b
    Example: flask --app app btm budget forecast drugs
    """
    view = show_budget(slug, asker_id=None, now=_now())
    if as_json:
        found = asdict(view.forecast) if view.forecast else None
        days = [asdict(each) for each in view.days]
        click.echo(
            json.dumps(
                {"free": view.pots.free, "to_spend": view.to_spend, "forecast": found, "days": days},
                default=str,
            )
        )
        return
    click.echo(_forecast(view))


@budget.command("stop")
@click.argument("slug")
@click.option("--until", type=click.DateTime(), help="A moment in UTC, such as 2027-05-01.")
@click.option("--finds", type=int, help="After so many verified finds.")
@click.option("--spent", type=int, help="Never promise and pay more points than this in all.")
@click.option("--keep-free", type=int, help="Always keep so many points free.")
@as_json
@plainly
def stop(
    slug: str, until: datetime | None, finds: int | None, spent: int | None, keep_free: int | None, as_json: bool
) -> None:  # fmt: skip
    """Say when SLUG stops taking pages. These conditions replace those that there were; without any it goes on.

    \b
    Example: flask --app app btm budget stop drugs --until 2027-05-01 --finds 500
    """
    moment = until.replace(tzinfo=UTC) if until else None
    set_stops(slug, Stops(moment, finds, spent, keep_free), asker_id=None, now=_now())
    view = show_budget(slug, asker_id=None, now=_now())
    if as_json:
        click.echo(json.dumps(asdict(view.stops) | {"stopped": view.stopped}, default=str))
        return
    for line in _stops(view):
        click.echo(line)


@budget.group("search", help="The lowest reward that works: halved until pace or quality breaks.")
def search() -> None:
    """The lowest reward that works."""


@search.command("start")
@click.argument("slug")
@click.option(
    "--keep-pace",
    type=float,
    default=DEFAULTS.keep_pace,
    show_default=True,
    help="Share of the pages a day to keep.",
)
@click.option(
    "--keep-quality",
    type=float,
    default=DEFAULTS.keep_quality,
    show_default=True,
    help="Share of the finds among them to keep.",
)
@click.option(
    "--least-hours",
    type=float,
    default=DEFAULTS.least_hours,
    show_default=True,
    help="Hours of each step, at least.",
)
@click.option(
    "--least-pages",
    type=int,
    default=DEFAULTS.least_pages,
    show_default=True,
    help="Pages with a verdict, at least.",
)
@as_json
@plainly
def start(
    slug: str, keep_pace: float, keep_quality: float, least_hours: float, least_pages: int, as_json: bool
) -> None:  # fmt: skip
    """Halve what a find pays in SLUG at most, for as long as pace and quality hold; then go back to the last that held.

    \b
    Example: flask --app app btm budget search start drugs --keep-pace 0.7 --least-hours 168
    """
    terms = Terms(keep_pace, keep_quality, least_hours, least_pages)
    start_search(slug, terms, asker_id=None, now=_now(), new_id=secrets.token_hex(8))
    _tell_search(slug, as_json)


@search.command("show")
@click.argument("slug")
@as_json
@plainly
def show_newest(slug: str, as_json: bool) -> None:
    """Say how the newest search of SLUG goes, step by step.

    \b
    Example: flask --app app btm budget search show drugs --json
    """
    _tell_search(slug, as_json)


@search.command("end")
@click.argument("slug")
@as_json
@plainly
def end(slug: str, as_json: bool) -> None:
    """End the search that runs in SLUG: the reward is again the last that held.

    \b
    Example: flask --app app btm budget search end drugs
    """
    stop_search(slug, asker_id=None, now=_now())
    _tell_search(slug, as_json)


def _tell_search(slug: str, as_json: bool) -> None:
    view = show_search(slug, asker_id=None, now=_now())
    if as_json:
        click.echo(json.dumps(asdict(view) if view else None, default=str))
        return
    click.echo(_search(view) if view else "No search yet.")


def _search(view: SearchView) -> str:
    lines = [_step(each) for each in view.steps]
    if view.ended_at is None:
        return "\n".join([*lines, f"It pays up to {view.steps[-1].value:,} points now."])
    return "\n".join([*lines, f"{view.message} It ended at {view.ended_at:%Y-%m-%d %H:%M} UTC."])


def _step(step: StepView) -> str:
    seen = step.seen
    shares = [
        f"{name} {share.value:.0%} ({share.low:.0%} to {share.high:.0%})"
        for name, share in (("pace", step.pace), ("quality", step.quality))
        if share
    ]
    told = f"{step.value:,} points: {seen.committed:,} pages in {seen.hours:,.1f} hours, {seen.finds:,} of {seen.decided:,} finds"
    return ", ".join([told, *shares, WORDS[step.verdict]])


def _pots(pots: Pots, rate: int) -> str:
    worth = f" ({pots.free / rate:,.2f} USD)" if rate else " (for points only)"
    return (
        f"{pots.funded:,} put in, {pots.promised:,} promised, {pots.paid:,} earned by workers, {pots.free:,} free{worth}"
    )  # fmt: skip


def _stops(view: BudgetView) -> list[str]:
    stops = view.stops
    lines = [f"Stops on {stops.until:%Y-%m-%d %H:%M} UTC"] if stops.until else []
    lines += [f"Stops after {stops.finds:,} finds; there are {view.found:,}"] if stops.finds else []
    lines += [f"Promises and pays at most {stops.spent:,} points"] if stops.spent else []
    lines += [f"Keeps {stops.keep_free:,} points free"] if stops.keep_free else []
    lines += [f"It takes no new pages: {view.stopped}"] if view.stopped else []
    return lines or ["It stops when its budget is spent."]


def _forecast(view: BudgetView) -> str:
    made = view.forecast
    if made is None:
        return "Too few whole days to tell. Come back when there are three."
    pace = f"{made.per_day:,.0f} points a day ({made.low:,.0f} to {made.high:,.0f}) over the last {made.over_days} days"
    if made.days is None:
        return f"{pace}: at this pace it does not run out."
    soonest = f"{made.soonest:,.0f}" if made.soonest is not None else "?"
    latest = f"{made.latest:,.0f}" if made.latest is not None else "more than ten years'"
    within = " that its own conditions leave" if view.to_spend < view.pots.free else ""
    said = f"{pace}. If it goes on like this, {view.to_spend:,} free points{within} last {made.days:,.0f} days ({soonest} to {latest})."
    return said + (
        f" It stops on {view.stops.until:%Y-%m-%d %H:%M} UTC whatever is left." if view.stops.until else ""
    )


def _now() -> datetime:
    return datetime.now(UTC)
