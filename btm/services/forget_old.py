"""The sweep forgets: sessions and tokens that ran out, answers kept for the API, what webhooks were told, marks of devices, browsers at
tasks, ids of people who left, and pages that nothing came of, each after its time. Nothing waits for it, so it is done once an hour."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from btm.pages.snapshot import SnapshotStore
from btm.store import calls, erasure, people, platforms, retention, tokens, webhooks
from btm.store.transaction import transaction

MOST = 500
MOST_ROUNDS = 10
A_FEW = 20
"""So many snapshots are deleted while their rows are held: a store far away takes its time with each."""
TASK_BROWSERS = timedelta(days=30)
"""As long as a session lasts that nobody uses."""
CALLS_KEPT = timedelta(days=7)
DELIVERIES_KEPT = timedelta(days=30)
REST = timedelta(hours=1)
"""How long a snapshot that nobody needs is left alone: longer than any examination takes that began before."""
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Keep:
    """How long things are kept: marks of devices and addresses since they were seen last, pages that were refused or withdrawn since
    they were handed in, and platforms' ids in payments to people who were erased since these were paid."""

    devices: timedelta = timedelta(days=90)
    refused: timedelta = timedelta(days=30)
    payees: timedelta = timedelta(days=90)


def forget_old(keep: Keep, *, snapshots: SnapshotStore, now: datetime) -> None:
    """Forget what is past its time, at most a few thousand pages a call. Doing it twice, or in two places at once, does no harm."""
    with transaction() as session:
        people.forget_stale_sessions(session, now)
        tokens.forget_stale_tokens(session, now)
        calls.forget_calls(session, now - CALLS_KEPT)
        webhooks.forget_deliveries(session, now - DELIVERIES_KEPT)
        people.forget_fingerprints(session, now - keep.devices)
        platforms.forget_work_sessions(session, now - TASK_BROWSERS)
        erasure.forget_payees(session, now - keep.payees)
    for _ in range(MOST_ROUNDS):
        with transaction() as session:
            if retention.forget_pages(session, now - keep.refused, MOST, now) < MOST:
                break
    _delete_orphans(snapshots, now)


def _delete_orphans(snapshots: SnapshotStore, now: datetime) -> None:
    try:
        for _ in range(0, MOST, A_FEW):
            if not _delete_some(snapshots, now):
                return
    except OSError as error:
        log.warning("snapshots that nobody needs stay for now: %s", error)


def _delete_some(snapshots: SnapshotStore, now: datetime) -> bool:
    """Their rows are held meanwhile: whoever keeps one of these bodies anew waits, and then writes it anew. On SQLite everybody who
    writes waits, so they are few. Returns whether there were any."""
    with transaction() as session:
        lost, needed = retention.orphans(session, now - REST, A_FEW)
        for key in lost:
            snapshots.delete(key)
        retention.unmark(session, [*lost, *needed])
    return bool(lost or needed)
