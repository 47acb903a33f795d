"""What a backup's folder holds, and how its files are known to be whole. Shared by the services."""

from __future__ import annotations

import hashlib
from pathlib import Path

MANIFEST, SNAPSHOTS = "manifest.json", "snapshots"


def rows_file(folder: Path, table: str) -> Path:
    """Where the rows of a table lie."""
    return folder / f"{table}.jsonl.gz"


def digest(path: Path) -> str:
    """The SHA-256 of a file. Raises OSError where it is not there."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
