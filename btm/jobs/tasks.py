"""What a worker does when the bell rings, and the sweep that rings again for what is stuck."""

from __future__ import annotations

import logging
import secrets
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from flask import Flask

from btm.config import Settings
from btm.jobs.policy import make_policy as make_policy
from btm.logs import named
from btm.pages.reader import PageReader
from btm.pages.snapshot import open_snapshots
from btm.platforms.directory import market_named, platform_named
from btm.services import find_stuck
from btm.services.advance_searches import advance_searches
from btm.services.carry_out_payouts import PayoutTools, carry_out_payouts
from btm.services.carry_out_standing import carry_out_standing
from btm.services.checkpoint_ledger import checkpoint_ledger
from btm.services.examine_page import Tools, examine_page
from btm.services.finish_takedown import finish_takedown
from btm.services.forget_old import Keep, forget_old
from btm.services.machines import MachineShelf
from btm.services.measure_pool import measure_pool
from btm.services.place_find import place_find
from btm.services.recheck_find import recheck_find
from btm.services.reconsider import reconsider
from btm.services.refit_jury import refit_jury
from btm.services.regroup_finds import regroup_finds
from btm.services.rotate_gold import rotate_gold
from btm.services.run_task import TaskTools, renew_task, run_task
from btm.services.say_alive import say_alive
from btm.services.send_delivery import DeliveryTools, send_delivery
from btm.services.settle import settle
from btm.services.tend_work import WorkTools, tend_work
from btm.services.watch_budgets import watch_budgets
from btm.services.work_names import find_submission_of

RENEW_SECONDS = 20.0
TEND_EVERY = timedelta(minutes=1)
"""So often the sweep tends to what may wait a little: gold, what is known of judges, clusters, pages to be fetched again, and sums of
the ledger."""
FORGET_EVERY = timedelta(hours=1)
log = logging.getLogger(__name__)


def utc_now() -> datetime:
    """The present moment."""
    return datetime.now(UTC)


def _new_id() -> str:
    return secrets.token_hex(8)


def make_tools(settings: Settings) -> Tools:
    """The reader, the snapshot store, the machines and the clock of a worker."""
    snapshots = open_snapshots(settings.snapshot_place)
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
    tended: list[datetime] = field(default_factory=list)
    """When the sweep last tended to what may wait, if it did."""
    forgot: list[datetime] = field(default_factory=list)
    name: str = field(default_factory=lambda: f"{socket.gethostname()[:60]}:{_new_id()}")
    started_at: datetime = field(default_factory=utc_now)

    def work(self, kind: str, row_id: int) -> None:
        """Do one piece of work. An error is logged; the row keeps its state, and the sweep finds it again."""
        with self.app.app_context(), named(work=f"{kind}:{row_id}"):
            started = time.monotonic()
            try:
                self._kinds()[kind](row_id)
            except Exception:
                with named(**self._submission(kind, row_id)):
                    log.exception("%s %s failed", kind, row_id)
            else:
                if log.isEnabledFor(logging.INFO):
                    took = {"ms": round(1000 * (time.monotonic() - started))}
                    with named(**self._submission(kind, row_id)):
                        log.info("%s is done", kind, extra={"btm": took})

    def _submission(self, kind: str, row_id: int) -> dict[str, str]:
        """The public id of the submission that a piece of work is about, for the log; a database that is away must not hide the error."""
        try:
            found = find_submission_of(kind, row_id)
        except Exception:
            return {}
        return {"submission": found} if found else {}

    def sweep(self) -> None:
        """Do what the clock demands and ring again for every row that waits too long."""
        with self.app.app_context():
            now = self.tools.clock()
            say_alive(self.name, started_at=self.started_at, now=now)
            find_stuck.find_stuck(now=now)
            if not self.tended or now - self.tended[-1] >= TEND_EVERY:
                self.tended[:] = [now]
                find_stuck.find_unfitted(now=now)
                find_stuck.find_ungrouped(now=now)
                find_stuck.find_unmeasured()
                advance_searches(now=now)
                rotate_gold(now=now, new_id=_new_id)
                checkpoint_ledger()
                watch_budgets(now=now)
            if not self.forgot or now - self.forgot[-1] >= FORGET_EVERY:
                self.forgot[:] = [now]
                forget_old(self._keep(), snapshots=self.tools.snapshots, now=now)

    def _keep(self) -> Keep:
        settings: Settings = self.app.extensions["btm_settings"]
        days = settings.keep_devices_days, settings.keep_refused_days, settings.keep_payees_days
        return Keep(*(timedelta(days=each) for each in days))

    def _kinds(self) -> dict[str, Callable[[int], object]]:
        return {
            "examine": lambda row_id: examine_page(row_id, self.tools),
            "settle": lambda row_id: settle(row_id, now=self.tools.clock()),
            "standing": lambda row_id: carry_out_standing(row_id, now=self.tools.clock()),
            "reconsider": lambda row_id: reconsider(row_id, now=self.tools.clock()),
            "refit": lambda row_id: refit_jury(row_id, now=self.tools.clock()),
            "place": lambda row_id: place_find(row_id, now=self.tools.clock()),
            "regroup": lambda row_id: regroup_finds(row_id, now=self.tools.clock(), new_id=_new_id),
            "recheck": lambda row_id: recheck_find(row_id, now=self.tools.clock(), reader=self.tools.reader),
            "pool": lambda row_id: measure_pool(row_id, now=self.tools.clock()),
            "takedown": lambda row_id: finish_takedown(
                row_id, snapshots=self.tools.snapshots, now=self.tools.clock()
            ),
            "task": self._task,
            "work": lambda row_id: tend_work(row_id, self.work_tools()),
            "payout": lambda row_id: carry_out_payouts(row_id, self.payout_tools()),
            "delivery": lambda row_id: send_delivery(row_id, self.delivery_tools()),
        }

    def delivery_tools(self) -> DeliveryTools:
        """What webhooks are told with: the same guard as for any stranger's address."""
        return DeliveryTools(make_policy(self.app.extensions["btm_settings"]), self.tools.clock)

    def payout_tools(self) -> PayoutTools:
        """What paying is done with: platforms with this instance's keys."""
        settings = self.app.extensions["btm_settings"]
        return PayoutTools(lambda name: platform_named(name, settings), self.tools.clock)

    def work_tools(self) -> WorkTools:
        """What work on platforms is looked after with."""
        settings = self.app.extensions["btm_settings"]
        return WorkTools(lambda name: market_named(name, settings), self.tools.clock, _new_id)

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
