"""What a worker does when the bell rings, and the sweep that rings again for what is stuck."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import Flask

from btm.config import Settings
from btm.jobs.policy import make_policy as make_policy
from btm.pages.reader import PageReader
from btm.pages.snapshot import FolderSnapshots
from btm.services import find_stuck
from btm.services.examine_page import Tools, examine_page
from btm.services.machines import MachineShelf
from btm.services.run_task import TaskTools, renew_task, run_task
from btm.services.settle import settle

RENEW_SECONDS = 20.0
log = logging.getLogger(__name__)


def utc_now() -> datetime:
    """The present moment."""
    return datetime.now(UTC)


def make_tools(settings: Settings) -> Tools:
    """The reader, the snapshot store, the machines and the clock of a worker."""
    snapshots = FolderSnapshots(settings.snapshot_dir)
    return Tools(
        reader=PageReader(make_policy(settings)),
        snapshots=snapshots,
        clock=utc_now,
        machines=MachineShelf(snapshots, settings.machine_dir),
        patience=settings.fetch_deadline + 20,
    )


@dataclass(frozen=True)
class Worker:
    """One worker process: the application, its tools, and the kinds of work."""

    app: Flask
    tools: Tools

    def work(self, kind: str, row_id: int) -> None:
        """Do one piece of work. An error is logged; the row keeps its state, and the sweep finds it again."""
        try:
            with self.app.app_context():
                self._kinds()[kind](row_id)
        except Exception:
            log.exception("%s %s failed", kind, row_id)

    def sweep(self) -> None:
        """Do what the clock demands and ring again for every row that waits too long."""
        with self.app.app_context():
            find_stuck.find_stuck(now=self.tools.clock())

    def _kinds(self) -> dict[str, Callable[[int], None]]:
        return {
            "examine": lambda row_id: examine_page(row_id, self.tools),
            "settle": lambda row_id: settle(row_id, now=self.tools.clock()),
            "task": self._task,
        }

    def _task(self, row_id: int) -> None:
        """Long work, with its lease renewed until it is done."""
        done = threading.Event()

        def keeping(task_id: int, fence: int) -> None:
            threading.Thread(target=self._renew, args=(task_id, fence, done), daemon=True).start()

        tools = self.tools
        try:
            run_task(row_id, TaskTools(tools.reader, tools.snapshots, tools.machines, tools.clock, keeping))
        finally:
            done.set()

    def _renew(self, task_id: int, fence: int, done: threading.Event) -> None:
        while not done.wait(RENEW_SECONDS):
            with self.app.app_context():
                if not renew_task(task_id, fence, self.tools.clock()):
                    return
