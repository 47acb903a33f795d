"""A challenge's scans, for its modelers."""

from __future__ import annotations

from btm.rules.errors import NotFound
from btm.services.corpus_views import get_corpus
from btm.services.scan_views import scan_view
from btm.services.views_scans import ScanView
from btm.store import pool
from btm.store.tables_challenges import DbMachine
from btm.store.transaction import reading

MOST = 50


def list_scans(slug: str, *, asker_id: int | None) -> list[ScanView]:
    """The latest 50 scans of a challenge, newest first. Raises NotFound, Forbidden."""
    with reading() as session:
        challenge = get_corpus(session, slug, asker_id)
        rows = pool.scans_of(session, challenge.id, MOST)
        return [scan_view(row, session.get_one(DbMachine, row.machine_id)) for row in rows]


def show_scan(slug: str, scan_id: str, *, asker_id: int | None) -> ScanView:
    """One scan by its public id. Raises NotFound, Forbidden."""
    with reading() as session:
        challenge = get_corpus(session, slug, asker_id)
        row = pool.find_scan(session, challenge.id, scan_id)
        if row is None:
            raise NotFound("There is no such scan of this challenge.")
        return scan_view(row, session.get_one(DbMachine, row.machine_id))
