"""A challenge's money for those who pay for it: what it holds, how long it lasts, when it stops, and the lowest reward that works."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import fields as members
from datetime import UTC, datetime
from typing import Any

from marshmallow import Schema, ValidationError, fields
from marshmallow.validate import Range

from btm.api import bearer, tools
from btm.api.wing import Wing
from btm.rules.budget import MOST_POINTS
from btm.rules.errors import NotFound
from btm.rules.reward_search import Terms
from btm.rules.stops import MOST_FINDS, Stops
from btm.services import set_stops, show_budget, show_search, start_search
from btm.services.views_money import BudgetView, SearchView

wing = Wing(
    "api_budgets", "What a challenge's budget holds, when it stops, and the lowest reward that works."
)
BUDGET = "/challenges/<slug>/budget"
SEARCH = "/challenges/<slug>/reward-search"
DEFAULTS = Terms()


@dataclass(frozen=True, slots=True)
class FundsView(BudgetView):
    """A challenge's money. `free`: points that may still be promised; `to_spend`: those of them that its own conditions leave, which the
    forecast goes by; `days`: what was earned on the last days; `forecast`: null while there are too few whole days; `stopped`: why it takes no pages by its own conditions, or an empty string."""

    free: int


def check_year(moment: datetime) -> None:
    """Raises ValidationError for a moment so far off that it has no date in UTC."""
    if not 2000 <= moment.year < 9999:
        raise ValidationError("Name a day from the year 2000 on, before the year 9999.")


class NewStopsSchema(Schema):
    """When it stops taking pages by itself. These take the place of what there was: a condition that is left out, or null, does not count."""

    until = fields.AwareDateTime(
        load_default=None,
        allow_none=True,
        default_timezone=UTC,
        validate=check_year,
        metadata={"description": "A moment; in UTC where no offset is named"},
    )
    finds = fields.Integer(
        load_default=None, allow_none=True, strict=True, validate=Range(min=1, max=MOST_FINDS),
        metadata={"description": "After so many verified finds"},
    )  # fmt: skip
    spent = fields.Integer(
        load_default=None, allow_none=True, strict=True, validate=Range(min=1, max=MOST_POINTS),
        metadata={"description": "Never promise and pay more points than this in all"},
    )  # fmt: skip
    keep_free = fields.Integer(
        load_default=None, allow_none=True, strict=True, validate=Range(min=1, max=MOST_POINTS),
        metadata={"description": "Always keep so many points free"},
    )  # fmt: skip


class NewSearchSchema(Schema):
    """What a search must keep, as shares of its first step's, and how much each step has to see at least."""

    keep_pace = fields.Float(load_default=DEFAULTS.keep_pace, validate=Range(min=0.1, max=1))
    keep_quality = fields.Float(load_default=DEFAULTS.keep_quality, validate=Range(min=0.1, max=1))
    least_hours = fields.Float(load_default=DEFAULTS.least_hours, validate=Range(min=1, max=24 * 60))
    least_pages = fields.Integer(
        load_default=DEFAULTS.least_pages, strict=True, validate=Range(min=10, max=100_000)
    )


@wing.reads(BUDGET, shows=FundsView, scope="operate")
def show(slug: str) -> FundsView:
    """What a challenge's budget holds, how long it lasts, and when it stops"""
    return find(slug)


@wing.writes("PUT", BUDGET + "/stops", scope="operate", takes=NewStopsSchema, shows=FundsView)
def stop(body: dict[str, Any], slug: str) -> FundsView:
    """Say when a challenge stops taking pages; without any condition it goes on for as long as it is paid for"""
    set_stops.set_stops(slug, Stops(**body), asker_id=bearer.account_id(), now=bearer.now())
    return find(slug)


@wing.reads(SEARCH, shows=SearchView, scope="operate")
def show_newest_search(slug: str) -> SearchView:
    """The newest search for the lowest reward, step by step; 404 while there was none"""
    return find_search(slug)


@wing.writes("POST", SEARCH, scope="operate", takes=NewSearchSchema, shows=SearchView, status=201)
def begin_search(body: dict[str, Any], slug: str) -> SearchView:
    """Halve what a find pays at most for as long as pace and quality hold

    One runs at a time: 409 (`running`) while one does, and 409 (`closed`) where the challenge takes no pages against a machine."""
    start_search.start_search(
        slug, Terms(**body), asker_id=bearer.account_id(), now=bearer.now(), new_id=tools.new_id()
    )
    return find_search(slug)


@wing.writes("POST", SEARCH + "/end", scope="operate", shows=SearchView)
def end_search(slug: str) -> SearchView:
    """End the search that runs: the reward is again the last that held. 409 (`not_running`) where none does"""
    start_search.stop_search(slug, asker_id=bearer.account_id(), now=bearer.now())
    return find_search(slug)


def find(slug: str) -> FundsView:
    view = show_budget.show_budget(slug, asker_id=bearer.account_id(), now=bearer.now())
    told = {each.name: getattr(view, each.name) for each in members(BudgetView)}
    return FundsView(**told, free=view.pots.free)


def find_search(slug: str) -> SearchView:
    view = show_search.show_search(slug, asker_id=bearer.account_id(), now=bearer.now())
    if view is None:
        raise NotFound("The lowest reward was never searched for in this challenge.")
    return view
