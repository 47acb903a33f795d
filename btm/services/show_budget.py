"""The money of a challenge: its pots, how fast it is spent, how long it lasts, and when it stops."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from btm.rules.budget import forecast
from btm.rules.stops import SENTENCES, Standing, Stops, still_to_spend, why_stopped
from btm.services.financing import get_financed
from btm.services.views_money import BudgetView, DayView
from btm.store import budgets, money
from btm.store.tables_challenges import DbChallenge
from btm.store.transaction import Session, reading

LAST_DAYS = 28
FORECAST_DAYS = 14
"""Older days say little about those to come."""


def show_budget(slug: str, *, asker_id: int | None, now: datetime) -> BudgetView:
    """asker_id: None for the operator. Raises NotFound, Forbidden (no modeler of this challenge)."""
    with reading() as session:
        challenge = get_financed(session, slug, asker_id)
        pots = money.pots(session, [challenge.id])[challenge.id]
        days = _days(session, challenge, now)
        stops = budgets.stops_of(session, [challenge.id]).get(challenge.id, Stops())
        found = budgets.count_finds(session, challenge.id)
    whole = [each.points for each in days if each.is_whole][-FORECAST_DAYS:]
    standing = Standing(found, pots.spent, pots.free)
    to_spend = still_to_spend(stops, standing)
    return BudgetView(
        slug=slug,
        title=challenge.title,
        points_per_usd=challenge.law.points_per_usd,
        pots=pots,
        found=found,
        days=days,
        to_spend=to_spend,
        forecast=forecast(to_spend, whole),
        stops=stops,
        stopped=SENTENCES.get(why_stopped(stops, standing, now), ""),
    )


def _days(session: Session, challenge: DbChallenge, now: datetime) -> tuple[DayView, ...]:
    """The last days from the one after the challenge went live, so that each of them was a whole one; and today."""
    today = now.astimezone(UTC).date()
    first = today - timedelta(days=LAST_DAYS)
    if challenge.live_at is None:
        return ()
    begun = challenge.live_at.astimezone(UTC).date()
    first = max(first, min(today, begun + timedelta(days=1)))
    since = datetime(first.year, first.month, first.day, tzinfo=UTC)
    earned = budgets.earned_by_day(session, challenge.id, since)
    count = (today - first).days + 1
    every = [first + timedelta(days=number) for number in range(count)]
    return tuple(DayView(day, earned.get(day, 0), day < today) for day in every)
