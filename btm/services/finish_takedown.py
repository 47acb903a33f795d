"""Carry a takedown through: empty what else holds nearly the same text or has the same address, then remove the bytes from the store.

May be rung twice, or be killed at any point: rows go first and bytes after, and what was begun is found again by the sweep. It is
done once more some time later, for what was being fetched at that moment.
"""

from __future__ import annotations

from datetime import datetime

from btm.pages.signature import similarity
from btm.pages.snapshot import SnapshotStore
from btm.services.emptying import empty_pages
from btm.services.kept_data import clean_kept_data
from btm.services.near_duplicates import NEAR
from btm.services.taken_down import SEAL_AFTER, digests
from btm.store import takedowns
from btm.store.tables_abuse import DbTakedown
from btm.store.transaction import reading, transaction

PART = 50
"""So many pages are emptied in one transaction."""


def finish_takedown(takedown_id: int, *, snapshots: SnapshotStore, now: datetime) -> None:
    """Empty and remove what is left of a takedown. Does nothing where that was done for good."""
    with reading() as session:
        takedown = takedowns.find_takedown(session, takedown_id)
    if takedown is None or takedown.sealed_at is not None:
        return
    found = _others(takedown)
    for start in range(0, len(found), PART):
        with transaction() as session:
            empty_pages(session, takedown, found[start : start + PART], now)
    clean_kept_data(takedown, snapshots)
    _remove(takedown.id, snapshots)
    with transaction() as session:
        row = takedowns.find_takedown(session, takedown_id, lock=True)
        if row is not None:
            row.cleared_at = row.cleared_at or now
            if now >= row.taken_at + SEAL_AFTER:
                row.sealed_at = row.sealed_at or now


def _others(takedown: DbTakedown) -> list[int]:
    """Pages in its reach that have an address or a text of what was taken down, or nearly its text."""
    found: set[int] = set()
    with reading() as session:
        known = takedowns.digests_of(session, takedown.id)
        for batch in takedowns.traces(session, takedown.challenge_id):
            for trace in batch:
                if digests(trace) & known or similarity(trace.signature, takedown.signature) >= NEAR:
                    found.add(trace.page_id)
    return sorted(found)


def _remove(takedown_id: int, snapshots: SnapshotStore) -> None:
    """Remove the bytes, except where a page that was not taken down has the same."""
    with reading() as session:
        blobs = takedowns.doomed(session, takedown_id)
    for blob in blobs:
        with reading() as session:
            kept = takedowns.is_kept_elsewhere(session, blob.key)
        if not kept:
            snapshots.delete(blob.key)
        if kept != blob.kept:
            with transaction() as session:
                takedowns.note_kept(session, blob.id, kept)
