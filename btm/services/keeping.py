"""Keep the bytes of a page. Shared by the services."""

from __future__ import annotations

from btm.pages.page import ReadPage
from btm.pages.snapshot import SnapshotStore
from btm.store import retention
from btm.store.transaction import reading, transaction


def keep_body(snapshots: SnapshotStore, page: ReadPage) -> None:
    """Put the page's bytes into the store. Where they wait to be deleted, because the last page with them was forgotten, that is
    called off first; a deletion that is under way is waited for, and they are written anew."""
    with reading() as session:
        waits = retention.is_orphan(session, page.body_hash)
    if waits:
        with transaction() as session:
            retention.unmark(session, [page.body_hash])
    snapshots.put(page.body)
