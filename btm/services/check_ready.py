"""Whether an instance can do its work now, part by part."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

from btm.pages.snapshot import SnapshotStore
from btm.services.views_operations import PartView
from btm.store import operations
from btm.store.database import NOT_PREPARED
from btm.store.transaction import reading

SEEN_WITHIN = timedelta(seconds=30)
"""A worker says that it lives every five seconds; one that is silent for so long is gone, or hangs."""
PATIENCE = 5.0


def check_ready(*, now: datetime, snapshots: SnapshotStore) -> tuple[PartView, ...]:
    """Each part with whether it is well: database, schema, worker, snapshots. Never raises."""
    return (*_database(now), _snapshots(snapshots))


def _database(now: datetime) -> tuple[PartView, ...]:
    try:
        with reading() as session:
            there, needed = operations.schema_versions(session)
            if there != needed:
                return (
                    PartView("database", True, "It answers."),
                    PartView(
                        "schema",
                        False,
                        f"It is at {there or 'nothing'}, and {needed} is needed: flask --app app db upgrade.",
                    ),
                )
            seen = operations.beats(session, now - SEEN_WITHIN)
    except (*NOT_PREPARED, OSError) as error:
        return (PartView("database", False, f"It does not answer ({type(error).__name__})."),)
    worker = (
        f"{len(seen)} seen in the last {SEEN_WITHIN.seconds} s."
        if seen
        else "None was seen lately: start python -m btm.worker."
    )
    return (
        PartView("database", True, "It answers."),
        PartView("schema", True, f"It is at {there}."),
        PartView("worker", bool(seen), worker),
    )


def _snapshots(snapshots: SnapshotStore) -> PartView:
    """Asked in a thread, since object storage that hangs must not hang whoever asks."""
    found: list[str] = []

    def ask() -> None:
        try:
            snapshots.check_writable()
            found.append("")
        except Exception as error:  # whatever a store of somebody else's raises
            found.append(type(error).__name__)

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(PATIENCE)
    if not found:
        return PartView("snapshots", False, f"The store did not answer in {PATIENCE:.0f} s.")
    return PartView(
        "snapshots",
        not found[0],
        f"Nothing can be written ({found[0]})." if found[0] else "They can be written.",
    )
