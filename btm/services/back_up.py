"""A whole instance into a folder, as it is at one moment: rows as JSON, snapshots by their hash. See docs/operations.md."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from btm.pages.snapshot import FolderSnapshots, SnapshotDamaged, SnapshotMissing, SnapshotStore
from btm.rules.errors import Conflict
from btm.services.backup_files import MANIFEST, SNAPSHOTS, digest, rows_file
from btm.store import backups, operations


def back_up(
    folder: Path, *, snapshots: SnapshotStore, now: datetime, progress: Callable[[float, str], None]
) -> dict[str, Any]:
    """Write a backup; returns its manifest, which is written last: a folder without one is no backup. Snapshots are copied after the
    rows, so that every one that a row names is there; `damaged` names those that differ from their hash, and are left out. Raises
    Conflict where the folder holds something already."""
    if folder.exists() and any(folder.iterdir()):
        raise Conflict(f"{folder} is not empty. Name a new folder.", code="not_empty")
    folder.mkdir(parents=True, exist_ok=True)
    manifest: dict[str, Any] = {"made_at": now.isoformat(), "tables": {}}
    with backups.one_moment() as session:
        manifest["schema"] = operations.schema_versions(session)[0]
        every = backups.tables()
        for number, table in enumerate(every):
            progress(0.5 * number / len(every), table.name)
            path, count = rows_file(folder, table.name), 0
            with gzip.open(path, "wt", encoding="utf-8") as file:
                for row in backups.read_rows(session, table):
                    file.write(json.dumps(row, ensure_ascii=True) + "\n")
                    count += 1
            manifest["tables"][table.name] = {"rows": count, "sha256": digest(path)}
    manifest["snapshots"], manifest["damaged"] = _copy_snapshots(
        snapshots, FolderSnapshots(folder / SNAPSHOTS)
    )
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n")
    progress(1.0, "done")
    return manifest


def _copy_snapshots(snapshots: SnapshotStore, copy: FolderSnapshots) -> tuple[int, list[str]]:
    """Returns how many there are, and which are damaged. One that is forgotten or taken down while the others are copied is needed by
    nobody."""
    kept, damaged = 0, []
    for key in snapshots.keys():  # noqa: SIM118 - a store is no dict
        try:
            copy.put(snapshots.get(key))
            kept += 1
        except SnapshotMissing:
            continue
        except SnapshotDamaged:
            damaged.append(key)
    return kept, damaged
