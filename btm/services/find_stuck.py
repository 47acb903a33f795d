"""The sweep: expire old quotes, and ring again for every row that waits for work which nobody does."""

from __future__ import annotations

from datetime import datetime, timedelta

from btm.services import bell
from btm.services.due import is_due, to_recheck
from btm.services.taken_down import SEAL_AFTER
from btm.store import (
    calls,
    clusters,
    imported,
    juries,
    payouts,
    people,
    quality,
    review,
    takedowns,
    tasks,
    tokens,
    waiting,
    webhooks,
    works,
)
from btm.store.transaction import reading, transaction

MOST = 200
MOST_JURIES = 20
MOST_RECHECKS = 5
LEAST_JUDGED = 10
CALLS_KEPT = timedelta(days=7)
DELIVERIES_KEPT = timedelta(days=30)
FIRST_RING = timedelta(seconds=3)
"""How long a fresh row is left to the bell that was rung when it was written."""


def find_stuck(*, now: datetime) -> None:
    """Ring for submissions that wait for a worker or have lost theirs, for items that are decided or overdue, or whose judgements
    were withdrawn or restored, for changes of standing, for finds without a place on the map, for tasks, for batches of payments, for
    work on platforms, and for takedowns."""
    with transaction() as session:
        waiting.expire_quotes(session, now)
        people.forget_stale_sessions(session, now)
        tokens.forget_stale_tokens(session, now)
        calls.forget_calls(session, now - CALLS_KEPT)
        webhooks.forget_deliveries(session, now - DELIVERIES_KEPT)
    with reading() as session:
        submissions = waiting.due(session, now - FIRST_RING, MOST)
        items = review.to_settle(session, now, MOST)
        changes = juries.changes_to_do(session, MOST)
        stale = review.stale(session, MOST)
        long_work = tasks.due_tasks(session, now - FIRST_RING, MOST)
        unplaced = clusters.to_place(session, MOST)
        batches = payouts.due_batches(session, now)
        due_works = works.due(session, now, MOST)
        deliveries = webhooks.due_deliveries(session, now, MOST)
        down = takedowns.due(session, now - SEAL_AFTER, MOST)
    for submission_id in submissions:
        bell.ring("examine", submission_id)
    for change_id in changes:
        bell.ring("standing", change_id)
    for item_id in stale:
        bell.ring("reconsider", item_id)
    for item_id in items:
        bell.ring("settle", item_id)
    for submission_id in unplaced:
        bell.ring("place", submission_id)
    for task_id in long_work:
        bell.ring("task", task_id)
    for work_id in due_works:
        bell.ring("work", work_id)
    for takedown_id in down:
        bell.ring("takedown", takedown_id)
    for batch_id in batches:
        bell.ring("payout", batch_id)
    for delivery_id in deliveries:
        bell.ring("delivery", delivery_id)


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
