"""Figures of a whole instance, for its operator."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from btm.services.views_operations import FiguresView, WorkerView
from btm.store import operations
from btm.store.transaction import reading

WORKERS_WITHIN = timedelta(seconds=30)
LATELY = timedelta(days=1)


def show_figures(*, now: datetime) -> FiguresView:
    """What there is to tell, in some cheap queries."""
    with reading() as session:
        pages, oldest = operations.waiting_pages(session)
        opened, decided = operations.waiting_items(session)
        deadline = operations.oldest_open_item(session)
        return FiguresView(
            pages_waiting=pages,
            oldest_page=max(0.0, (now - oldest).total_seconds()) if oldest else 0.0,
            items_open=opened,
            items_to_settle=decided,
            next_deadline=(deadline - now).total_seconds() if deadline else None,
            states=operations.count_states(session),
            points=operations.sum_points(session),
            fetched=operations.lately_fetched(session),
            verdicts=_spread(operations.lately_settled(session)),
            judges=operations.count_judges(session),
            quality=_quality(operations.judge_counts(session)),
            tasks=operations.count_tasks(session, now - LATELY),
            workers=tuple(
                WorkerView(each.name, each.started_at, each.seen_at)
                for each in operations.beats(session, now - WORKERS_WITHIN)
            ),
        )


def _spread(seconds: Sequence[float]) -> tuple[float, float] | None:
    """The median and the value that 95% do not exceed."""
    if not seconds:
        return None
    ordered = sorted(seconds)
    return ordered[len(ordered) // 2], ordered[min(len(ordered) - 1, len(ordered) * 95 // 100)]


def _quality(judges: Sequence[tuple[str, list[list[float]]]]) -> tuple[tuple[str, float, int], ...]:
    """For each topic the mean share of right answers, each judge as much as any other, and how many judges."""
    shares: dict[str, list[float]] = {}
    for topic, counts in judges:
        total = sum(map(sum, counts))
        if total > 0:
            right = sum(row[k] for k, row in enumerate(counts) if k < len(row))
            shares.setdefault(topic, []).append(right / total)
    return tuple((topic, sum(each) / len(each), len(each)) for topic, each in sorted(shares.items()))
