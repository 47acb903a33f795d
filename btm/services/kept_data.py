"""The pages that machines were trained and measured on here, kept for later rounds, without what was taken down. Shared by the services.

The bytes are written anew, then whoever refers to the old ones refers to those, in one transaction; the old ones go after.
"""

from __future__ import annotations

from btm.pages.signature import signature, similarity
from btm.pages.snapshot import SnapshotDamaged, SnapshotMissing, SnapshotStore
from btm.services.kept_rows import pack_rows, unpack_rows
from btm.services.near_duplicates import NEAR
from btm.services.taken_down import as_row, digests
from btm.store import takedowns
from btm.store.tables_abuse import DbTakedown
from btm.store.transaction import reading, transaction
from classifiers.page import Page


def clean_kept_data(takedown: DbTakedown, snapshots: SnapshotStore) -> None:
    """Leave out what was taken down of all kept pages in its reach. Doing it again changes nothing."""
    with reading() as session:
        known = takedowns.digests_of(session, takedown.id)
        kept = takedowns.kept_data(session, takedown.challenge_id)
    for key in kept:
        cleaned = _without(key, takedown, known, snapshots)
        if cleaned is None:
            continue
        fresh = snapshots.put(cleaned)
        with transaction() as session:
            takedowns.point_elsewhere(session, key, fresh)
            takedowns.doom(session, takedown.id, key)


def _without(key: str, takedown: DbTakedown, known: set[str], snapshots: SnapshotStore) -> bytes | None:
    """The rows without what was taken down; None where nothing of it is there."""
    try:
        rows = unpack_rows(snapshots.get(key))
    except (SnapshotMissing, SnapshotDamaged):
        return None
    left = [row for row in rows if not _is_down(row.page, takedown, known)]
    return pack_rows(left) if len(left) < len(rows) else None


def _is_down(page: Page, takedown: DbTakedown, known: set[str]) -> bool:
    if digests(as_row(page)) & known:
        return True
    return similarity(signature(page.text), takedown.signature) >= NEAR
