"""A whole instance into a folder, as it is at one moment: rows as JSON, snapshots by their hash. See docs/operations.md."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from btm.pages.snapshot import FolderSnapshots, SnapshotStore
from btm.rules.errors import Conflict
from btm.store import backups, operations

MANIFEST, SNAPSHOTS = "manifest.json", "snapshots"


def back_up(
    folder: Path, *, snapshots: SnapshotStore, now: datetime, progress: Callable[[float, str], None]
) -> dict[str, Any]:
    """Write a backup; returns its manifest, which is written last: a folder without one is no backup. Snapshots are copied after the
    rows, so that every one that a row names is there. Raises Conflict where the folder holds something already."""
    if folder.exists() and any(folder.iterdir()):
        raise Conflict(f"{folder} is not empty. Name a new folder.", code="not_empty")
    folder.mkdir(parents=True, exist_ok=True)
    manifest: dict[str, Any] = {"made_at": now.isoformat(), "tables": {}}
    with backups.one_moment() as session:
        manifest["schema"] = operations.schema_versions(session)[0]
        every = backups.tables()
        for number, table in enumerate(every):
            progress(0.5 * number / len(every), table.name)
            path, count = folder / f"{table.name}.jsonl.gz", 0
            with gzip.open(path, "wt", encoding="utf-8") as file:
                for row in backups.read_rows(session, table):
                    file.write(json.dumps(row, ensure_ascii=True) + "\n")
                    count += 1
            manifest["tables"][table.name] = {"rows": count, "sha256": digest(path)}
    copy, kept = FolderSnapshots(folder / SNAPSHOTS), 0
    for key in snapshots.keys():  # noqa: SIM118 - a store is no dict
        copy.put(snapshots.get(key))
        kept += 1
    manifest["snapshots"] = kept
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n")
    progress(1.0, "done")
    return manifest


def digest(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
