"""Long work of a modeler, handed to the background: training from a file, measuring with a file."""

from __future__ import annotations

from datetime import datetime

from btm.pages.snapshot import SnapshotStore

MOST_UPLOAD = 50_000_000
"""The most bytes that a labelled file may have when it comes through the web."""


def start_training(
    slug: str,
    data: bytes,
    *,
    format: str,
    name: str,
    data_name: str,
    asker_id: int,
    snapshots: SnapshotStore,
    now: datetime,
    new_id: str,
) -> str:
    """Have a machine for a challenge trained from a labelled file (format csv or jsonl). Returns the task's public id.

    Raises NotFound, Forbidden (no modeler of this challenge), Invalid (field `name`, `format` or `data`).
    """
    raise NotImplementedError


def start_evaluation(
    slug: str,
    name: str,
    version: str,
    data: bytes | None,
    *,
    format: str,
    data_name: str,
    asker_id: int,
    snapshots: SnapshotStore,
    now: datetime,
    new_id: str,
) -> str:
    """Have a machine measured on a labelled file, or, without data, on the challenge's verified probes. Returns the task's public id.

    Raises NotFound, Forbidden, Invalid.
    """
    raise NotImplementedError
