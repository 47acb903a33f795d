"""Judgements as crowd-kit's tables: one a row, as task, worker and label. `btm quality` reads them too. Shared by the services."""

from __future__ import annotations

from typing import Any

CROWD_COLUMNS = ("task", "worker", "label")


def crowd_row(task: str, worker: str, label: str) -> dict[str, Any]:
    """One judgement. worker: a pseudonym."""
    return {"task": task, "worker": worker, "label": label}
