"""How long work in the background stands."""

from __future__ import annotations

from btm.services.views_machines import TaskView


def show_task(public_id: str, *, asker_id: int) -> TaskView:
    """Raises NotFound, also for a task of a challenge that the asker does not model."""
    raise NotImplementedError


def list_tasks(slug: str, *, asker_id: int) -> list[TaskView]:
    """The latest 20 tasks of a challenge, newest first. Raises NotFound, Forbidden."""
    raise NotImplementedError
