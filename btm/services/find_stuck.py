"""The sweep: expire old quotes, and ring again for every row that waits for work which nobody does."""

from __future__ import annotations

from datetime import datetime, timedelta

from btm.services import bell
from btm.services.due import is_due, to_recheck
from btm.services.taken_down import SEAL_AFTER
from btm.store import (
    clusters,
    imported,
    juries,
    payouts,
    quality,
    review,
    takedowns,
    tasks,
    waiting,
    webhooks,
    works,
)
from btm.store.transaction import reading, transaction

MOST = 200
MOST_JURIES = 20
MOST_RECHECKS = 5
LEAST_JUDGED = 10
FIRST_RING = timedelta(seconds=3)
"""How long a fresh row is left to the bell that was rung when it was written."""


def find_stuck(*, now: datetime) -> None:
    """Ring for submissions that wait for a worker or have lost theirs, for items that are decided or overdue, or whose judgements
    were withdrawn or restored, for changes of standing, for finds without a place on the map, for tasks, for batches of payments, for
    work on platforms, for takedowns, and for what webhooks are to be told."""
    with transaction() as session:
        waiting.expire_quotes(session, now)
    with reading() as session:
        due = (
            ("examine", waiting.due(session, now - FIRST_RING, MOST)),
            ("standing", juries.changes_to_do(session, MOST)),
            ("reconsider", review.stale(session, MOST)),
            ("settle", review.to_settle(session, now, MOST)),
            ("place", clusters.to_place(session, MOST)),
            ("task", tasks.due_tasks(session, now - FIRST_RING, MOST)),
            ("work", works.due(session, now, MOST)),
            ("takedown", takedowns.due(session, now - SEAL_AFTER, MOST)),
            ("payout", payouts.due_batches(session, now)),
            ("delivery", webhooks.due_deliveries(session, now, MOST)),
        )
    for kind, row_ids in due:
        for row_id in row_ids:
            bell.ring(kind, row_id)


def find_unfitted(*, now: datetime) -> None:
    """Ring for topics of which an exact computation of what is known of their judges is due."""
    with reading() as session:
        due = quality.juries_to_refit(session, now, MOST_JURIES)
    for jury_id in due:
        bell.ring("refit", jury_id)


def find_ungrouped(*, now: datetime) -> None:
    """Ring for challenges whose finds are to be grouped anew, and for a few pages that are to be fetched again."""
    with reading() as session:
        due = [each.challenge_id for each in clusters.growth(session) if is_due(each)]
        pages = to_recheck(session, now, MOST_RECHECKS)
    for challenge_id in due:
        bell.ring("regroup", challenge_id)
    for submission_id in pages:
        bell.ring("recheck", submission_id)


def find_unmeasured() -> None:
    """Ring for pools of which the next point of the chart is due: the first at once, then after ten judgements and a twentieth more."""
    with reading() as session:
        growth = imported.growth(session)
    for challenge_id, judgements, last in growth:
        if last is None or judgements - last >= max(LEAST_JUDGED, last / 20):
            bell.ring("pool", challenge_id)
