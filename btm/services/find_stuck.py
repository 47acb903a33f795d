"""The sweep: expire old quotes, and ring again for every row that waits for work which nobody does."""

from __future__ import annotations

from datetime import datetime, timedelta

from btm.services import bell
from btm.store import people, review, tasks, waiting
from btm.store.transaction import reading, transaction

MOST = 200
FIRST_RING = timedelta(seconds=3)
"""How long a fresh row is left to the bell that was rung when it was written."""


def find_stuck(*, now: datetime) -> None:
    """Ring for submissions that wait for a worker or have lost theirs, for items that are decided or overdue, and for tasks."""
    with transaction() as session:
        waiting.expire_quotes(session, now)
        people.forget_stale_sessions(session, now)
    with reading() as session:
        submissions = waiting.due(session, now - FIRST_RING, MOST)
        items = review.to_settle(session, now, MOST)
        long_work = tasks.due_tasks(session, now - FIRST_RING, MOST)
    for submission_id in submissions:
        bell.ring("examine", submission_id)
    for item_id in items:
        bell.ring("settle", item_id)
    for task_id in long_work:
        bell.ring("task", task_id)
