"""The engine behind the bell: Huey, on SQLite beside the data or on Redis. It carries words, never the truth."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from huey import Huey, RedisHuey, SqliteHuey

from btm.config import Settings
from btm.services.bell import Ring

Work = Callable[[str, int], None]


def make_huey(settings: Settings) -> Huey:
    """The queue that web and worker share."""
    if settings.redis_url:
        return RedisHuey("btm", url=settings.redis_url, results=False)
    return SqliteHuey("btm", filename=str(settings.queue_file), results=False, timeout=5)


def register_work(huey: Huey, work: Work) -> Any:
    """Make `work(kind, row id)` a task of the queue. Both sides call this, so that the task has one name; only the worker's
    `work` is ever run."""

    def run(kind: str, row_id: int) -> None:
        work(kind, row_id)

    return huey.task(name="work")(run)


def make_bell(settings: Settings) -> Ring:
    """A bell that rings by queueing a task."""
    task = register_work(make_huey(settings), _never)

    def ring(kind: str, row_id: int) -> None:
        task(kind, row_id)

    return ring


def _never(kind: str, row_id: int) -> None:
    raise LookupError(f"{kind} {row_id} was to be done outside a worker")
