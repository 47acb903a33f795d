"""The core of training a challenge's first machine from the examples that its players brought. Shared by the services that do it now
and in the background.

May be done twice, or be killed at any point: the same examples give the same version, and the challenge turns once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime

from btm.pages.snapshot import SnapshotStore
from btm.rules.collecting import check_enough
from btm.rules.errors import Conflict
from btm.services import bell
from btm.services.activating import point_at
from btm.services.machines import as_page
from btm.services.making import MadeMachine, Plan, check_new, keep_trained
from btm.services.modelling import get_machine_row, get_modelled
from btm.services.read_labelled import LabelledPage, Progress
from btm.services.recording import record
from btm.services.training import fit
from btm.store import challenges, collecting
from btm.store.tables_challenges import DbChallenge
from btm.store.transaction import Session, reading, transaction

LONGEST_NAME = 60


def name_for(slug: str) -> str:
    """What the first machine of a challenge is called where nobody says otherwise. Shipped machines are called like their topics."""
    return f"{slug[: LONGEST_NAME - 6].strip('-')}-first"


def check_ready(slug: str, name: str, asker_id: int | None) -> Plan:
    """May the first machine of a challenge be trained now? Raises NotFound, Forbidden, Invalid (field `name`), and Conflict:
    `has_machine`, or `too_few`, which says how many examples of which labels are missing."""
    plan = check_new(slug, name or name_for(slug), asker_id)
    with reading() as session:
        challenge = get_modelled(session, slug, asker_id)
        _check_collects(challenge)
        counts = collecting.verified_counts(session, challenge.id)
        check_enough(counts, challenge.label_keys, challenge.law.collect_least)
    return plan


def train_first(
    slug: str,
    name: str,
    *,
    asker_id: int | None,
    snapshots: SnapshotStore,
    now: datetime,
    progress: Progress | None = None,
    is_held: Callable[[Session], bool] = lambda session: True,
) -> MadeMachine | None:
    """Train on all verified examples, let the machine play, and turn the challenge into one that is played against it. The
    examples are kept as the machine's base data, so that rounds learn from them.

    is_held: asked before the challenge is turned; None is returned where it says no. Raises as `check_ready`.
    """
    plan = check_ready(slug, name, asker_id)
    rows = _rows(slug)
    data_name = f"verified examples of {slug}"
    trained = fit(rows, plan.labels, name=plan.name, task=plan.task, data_name=data_name, progress=progress)
    made = keep_trained(
        plan, trained, data_name=data_name, asker_id=asker_id, snapshots=snapshots, now=now, rows=rows
    )
    with transaction() as session:
        if not is_held(session):
            return None
        challenge = challenges.lock_challenge(session, get_modelled(session, slug, asker_id).id)
        _check_collects(challenge)
        machine = get_machine_row(session, made.machine.name, made.machine.version)
        task_id = point_at(session, challenge, machine.id, asker_id=asker_id, now=now)
        detail = {"machine": machine.name, "version": machine.version, "examples": _counted(rows)}
        record(session, challenge, "train_first_machine", asker_id, now, **detail)
    if task_id is not None:
        bell.ring("task", task_id)
    return made


def _check_collects(challenge: DbChallenge) -> None:
    if challenge.mode != "collect":
        raise Conflict(
            "This challenge has its machine already. To improve it, start a round, or train another one.",
            code="has_machine",
        )


def _rows(slug: str) -> list[LabelledPage]:
    with reading() as session:
        challenge = get_modelled(session, slug, None)
        found = collecting.all_examples(session, challenge.id)
        return [
            LabelledPage(number, as_page(page), example.truth, example.site)
            for number, (example, page) in enumerate(found, 1)
        ]


def _counted(rows: list[LabelledPage]) -> dict[str, int]:
    return dict(Counter(row.label for row in rows))
