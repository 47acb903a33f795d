"""Rows of scans to view values. Shared by the services."""

from __future__ import annotations

from btm.services.views_scans import ScanCluster, ScanView
from btm.store.tables_challenges import DbMachine
from btm.store.tables_corpus import DbScan


def scan_view(row: DbScan, machine: DbMachine) -> ScanView:
    """A scan as a value."""
    report = row.report
    return ScanView(
        public_id=row.public_id,
        machine=machine.name,
        version=machine.version,
        sources=tuple(row.source.splitlines()),
        pages=row.pages,
        open=report["open"],
        bad=tuple((reason, count) for reason, count in report["bad"]),
        clusters=tuple(ScanCluster(**each) for each in report["clusters"]),
        sent=report["sent"],
        created_at=row.created_at,
    )
