"""The background half of long work. May be rung twice, or be killed at any point: what it writes, it writes once."""

from __future__ import annotations

import io
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from btm.pages.reader import PageReader
from btm.pages.snapshot import SnapshotDamaged, SnapshotMissing, SnapshotStore
from btm.rules.errors import DomainError, Invalid
from btm.services.first_machine import train_first
from btm.services.judging_machines import measure_version
from btm.services.machines import MachineShelf
from btm.services.making import check_new, keep_trained
from btm.services.pooling import keep_rows
from btm.services.read_labelled import LabelledPage, read_labelled
from btm.services.replay_corpus import replay_corpus
from btm.services.run_audit import draw_audit
from btm.services.run_round import RoundTools, run_round
from btm.services.training import fit
from btm.store import rounds, tasks
from btm.store.tables_machines import DbTask
from btm.store.transaction import Session, transaction

LEASE = timedelta(seconds=90)
MOST_TRIES = 4
SORRY = (
    "Something on our side went wrong. Nothing was changed; start it again, and tell us if it happens twice."
)
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class TaskTools:
    """What long work is done with. `keeping`: told the task and its fence once it is taken, so that somebody renews its lease."""

    reader: PageReader
    snapshots: SnapshotStore
    machines: MachineShelf
    clock: Callable[[], datetime]
    keeping: Callable[[int, int], None] = lambda task_id, fence: None


class Lost(Exception):
    """Another worker has the task now."""


def run_task(task_id: int, tools: TaskTools) -> None:
    """Do a task from its row. Does nothing where another worker has it, or it is done."""
    now = tools.clock()
    with transaction() as session:
        task = tasks.take_task(session, task_id, now, now + LEASE)
    if task is None:
        return
    result: dict[str, Any] = {}
    try:
        if task.fence > MOST_TRIES:
            raise Invalid("This was interrupted several times. A smaller file may help.")
        tools.keeping(task.id, task.fence)
        _KINDS[task.kind](task, tools, result)
    except Lost:
        return
    except DomainError as error:
        _finish(task, "failed", error.sentence, result, tools.clock())
    except Exception:
        log.exception("task %s failed", task.public_id)
        _finish(task, "failed", SORRY, result, tools.clock())
    else:
        _finish(task, "done", "Done", result, tools.clock())


def renew_task(task_id: int, fence: int, now: datetime) -> bool:
    """Hold a task for another while. Returns whether it is still held."""
    with transaction() as session:
        return tasks.hold_task(session, task_id, fence, wake_at=now + LEASE)


def _train(task: DbTask, tools: TaskTools, result: dict[str, Any]) -> None:
    todo = task.input
    plan = check_new(task.challenge.slug, todo["name"], task.created_by)
    rows = _rows(task, tools, result)
    trained = fit(
        rows, plan.labels, name=plan.name, task=plan.task, data_name=todo["data_name"],
        progress=_teller(task, tools, 0.4, 1.0),
    )  # fmt: skip
    made = keep_trained(
        plan, trained, data_name=todo["data_name"], asker_id=task.created_by, snapshots=tools.snapshots,
        now=tools.clock(), rows=rows,
    )  # fmt: skip
    result |= {"machine": plan.name, "version": made.machine.version, "evaluation": made.evaluation_id}


def _evaluate(task: DbTask, tools: TaskTools, result: dict[str, Any]) -> None:
    todo = task.input
    measured = measure_version(
        task.challenge.slug, todo["name"], todo["version"], _rows(task, tools, result) if "data" in todo else None,
        data_name=todo["data_name"], asker_id=task.created_by, shelf=tools.machines, now=tools.clock(),
        progress=_teller(task, tools, 0.4, 1.0),
    )  # fmt: skip
    result |= {"machine": todo["name"], "version": todo["version"], "evaluation": measured.evaluation_id}
    result["rows"] = measured.rows


def _audit(task: DbTask, tools: TaskTools, result: dict[str, Any]) -> None:
    todo = task.input
    rows = _rows(task, tools, result, labelled=False)
    result["drawn"] = draw_audit(
        task.challenge.slug, [row.page for row in rows], public_id=task.public_id, bins=todo["bins"],
        wanted=todo["wanted"], data_name=todo["data_name"], asker_id=task.created_by, shelf=tools.machines,
        snapshots=tools.snapshots, now=tools.clock(), progress=_teller(task, tools, 0.4, 1.0),
        is_held=lambda session: tasks.hold_task(session, task.id, task.fence, message="Putting pages up"),
    )  # fmt: skip
    result["audit"] = task.public_id


def _round(task: DbTask, tools: TaskTools, result: dict[str, Any]) -> None:
    def hold(session: Session) -> None:
        if not tasks.hold_task(session, task.id, task.fence, message="Keeping the machine"):
            raise Lost

    result |= run_round(
        task,
        RoundTools(
            reader=tools.reader, snapshots=tools.snapshots, shelf=tools.machines, clock=tools.clock, hold=hold,
            tell=lambda start, end: _teller(task, tools, start, end),
        ),
    )  # fmt: skip


def _replay(task: DbTask, tools: TaskTools, result: dict[str, Any]) -> None:
    result["rows"] = replay_corpus(
        task.challenge_id, task.input["machine"], shelf=tools.machines, clock=tools.clock, tell=_teller(task, tools, 0.0, 1.0)
    )  # fmt: skip


def _first(task: DbTask, tools: TaskTools, result: dict[str, Any]) -> None:
    made = train_first(
        task.challenge.slug, task.input["name"], asker_id=task.created_by, snapshots=tools.snapshots, now=tools.clock(),
        progress=_teller(task, tools, 0.0, 1.0),
        is_held=lambda session: tasks.hold_task(session, task.id, task.fence, message="Letting it play"),
    )  # fmt: skip
    if made is None:
        raise Lost
    result |= {
        "machine": made.machine.name,
        "version": made.machine.version,
        "evaluation": made.evaluation_id,
    }


def _pool(task: DbTask, tools: TaskTools, result: dict[str, Any]) -> None:
    todo = task.input
    rows = _rows(task, tools, result, labelled=False, noisy=task.challenge.label_keys)
    made = keep_rows(
        task.challenge.slug, rows, ranking=todo["ranking"], most=todo["most"], asker_id=task.created_by,
        shelf=tools.machines, snapshots=tools.snapshots, now=tools.clock(), progress=_teller(task, tools, 0.4, 1.0),
        is_held=lambda session: tasks.hold_task(session, task.id, task.fence, message="Keeping pages"),
    )  # fmt: skip
    if made is None:
        raise Lost
    result |= {"added": made.added, "known": made.known, "put_up": made.put_up}


_KINDS: dict[str, Callable[[DbTask, TaskTools, dict[str, Any]], None]] = {
    "train": _train,
    "evaluate": _evaluate,
    "round": _round,
    "replay": _replay,
    "audit": _audit,
    "first": _first,
    "pool": _pool,
}


def _rows(
    task: DbTask,
    tools: TaskTools,
    result: dict[str, Any],
    *,
    labelled: bool = True,
    noisy: Sequence[str] | None = None,
) -> list[LabelledPage]:
    """The usable rows of the task's file; what was left out is noted in the result. Of an inspection's pool (neither labelled nor
    with noisy labels) nothing is fetched."""
    try:
        data = tools.snapshots.get(task.input["data"])
    except (SnapshotMissing, SnapshotDamaged) as error:
        raise Invalid("The file is not there any more. Upload it again.") from error
    found = read_labelled(
        io.BytesIO(data),
        task.input["format"],
        labels=task.challenge.label_keys if labelled else None,
        reader=tools.reader if labelled or noisy is not None else None,
        progress=_teller(task, tools, 0.0, 0.4),
        noisy=noisy,
    )
    result |= {
        "rows": len(found.pages),
        "bad": [[row.number, row.reason] for row in found.bad],
        "bad_count": found.bad_count,
    }
    return found.pages


def _teller(task: DbTask, tools: TaskTools, start: float, end: float) -> Callable[[float, str], None]:
    """A progress callback that writes at most once a second and renews the lease. Raises Lost where it is lost."""
    told_at: list[datetime] = []

    def tell(share: float, word: str) -> None:
        now = tools.clock()
        if told_at and now - told_at[-1] < timedelta(seconds=1):
            return
        told_at[:] = [now]
        with transaction() as session:
            held = tasks.hold_task(
                session, task.id, task.fence,
                progress=start + share * (end - start), message=word, wake_at=now + LEASE,
            )  # fmt: skip
        if not held:
            raise Lost

    return tell


def _finish(task: DbTask, state: str, message: str, result: dict[str, Any], now: datetime) -> None:
    values: dict[str, Any] = {"state": state, "message": message, "result": result, "wake_at": None}
    values |= {"finished_at": now} | ({"progress": 1.0} if state == "done" else {})
    with transaction() as session:
        held = tasks.hold_task(session, task.id, task.fence, **values)
        if held and task.kind == "round" and state == "failed":
            rounds.fail_round(session, task.public_id, message, now)
