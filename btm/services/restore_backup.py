"""A backup into an empty instance, whole or not at all."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from btm.pages.snapshot import FolderSnapshots, SnapshotDamaged, SnapshotStore
from btm.rules.errors import Conflict, Invalid
from btm.services.backup_files import MANIFEST, SNAPSHOTS, digest, rows_file
from btm.store import backups, operations
from btm.store.transaction import transaction


def restore_backup(
    folder: Path, *, snapshots: SnapshotStore, progress: Callable[[float, str], None]
) -> dict[str, Any]:
    """Put everything back; returns the manifest. Raises Invalid where this is no whole backup, and Conflict where the database has rows
    or another schema. Snapshots go first, each compared with its hash; rows are one transaction."""
    manifest = _manifest(folder)
    for name, about in manifest["tables"].items():
        _check(rows_file(folder, name), about["sha256"])
    with transaction() as session:
        there = operations.schema_versions(session)[0]
        if there != manifest["schema"]:
            raise Conflict(
                f"The backup is of schema {manifest['schema']}, the database of {there or 'none'}. "
                f"Run: flask --app app db upgrade {manifest['schema']}",
                code="other_schema",
            )
        if not backups.is_empty(session):
            raise Conflict("The database is not empty. Restore into a new one.", code="not_empty")
        _copy_snapshots(folder, snapshots, manifest["snapshots"])
        every = backups.tables()
        for number, table in enumerate(every):
            progress(number / len(every), table.name)
            count = backups.write_rows(session, table, _rows(rows_file(folder, table.name)))
            if count != manifest["tables"][table.name]["rows"]:
                raise Invalid(
                    f"{table.name} has {count} rows, and should have {manifest['tables'][table.name]['rows']}."
                )
    progress(1.0, "done")
    return manifest


def _manifest(folder: Path) -> dict[str, Any]:
    try:
        manifest = json.loads((folder / MANIFEST).read_text())
    except (OSError, ValueError) as error:
        raise Invalid(f"{folder} holds no whole backup: there is no {MANIFEST} that can be read.") from error
    return dict(manifest)


def _check(path: Path, wanted: str) -> None:
    try:
        found = digest(path)
    except OSError as error:
        raise Invalid(f"{path.name} is missing from the backup.") from error
    if found != wanted:
        raise Invalid(f"{path.name} was changed or damaged after the backup was made.")


def _copy_snapshots(folder: Path, snapshots: SnapshotStore, wanted: int) -> None:
    copy, count = FolderSnapshots(folder / SNAPSHOTS), 0
    for key in copy.keys():  # noqa: SIM118 - a store is no dict
        try:
            snapshots.put(copy.get(key))
        except SnapshotDamaged as error:
            raise Invalid(f"The snapshot {key} of the backup is damaged.") from error
        count += 1
    if count != wanted:
        raise Invalid(f"The backup has {count} snapshots, and should have {wanted}.")


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)
