"""How an instance does, as pages and scrapers see it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class PartView:
    """One part of the instance: database, schema, worker or snapshots. `sentence` says what is wrong, or how it is."""

    name: str
    is_well: bool
    sentence: str


@dataclass(frozen=True, slots=True)
class WorkerView:
    name: str
    started_at: datetime
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class FiguresView:
    """Figures of the whole instance. Ages and times in seconds; points whole.

    fetched: how the newest thousand submissions fared; verdicts: seconds to a verdict, of the newest thousand, as (median, 95%), None
    where there is none; quality: (topic, mean accuracy, judges), of those with answers.
    """

    pages_waiting: int
    oldest_page: float
    items_open: int
    items_to_settle: int
    next_deadline: float | None
    states: dict[str, int]
    points: dict[str, int]
    fetched: dict[str, int]
    verdicts: tuple[float, float] | None
    judges: dict[str, int]
    quality: tuple[tuple[str, float, int], ...]
    tasks: dict[str, int]
    workers: tuple[WorkerView, ...]
