"""The two ends of making a machine: may it be made, and keeping it. Shared by the services that train."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from btm.pages.snapshot import SnapshotStore
from btm.rules import machines as law
from btm.services.kept_rows import pack_rows
from btm.services.measuring import keep_evaluation
from btm.services.modelling import get_modelled, version_views
from btm.services.read_labelled import LabelledPage
from btm.services.recording import record_machine
from btm.services.training import HELD_OUT, Trained
from btm.services.views_machines import MachineVersionView
from btm.store import machines
from btm.store.transaction import reading, transaction


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be made: the machine's name, and the labels and the question of the challenge that it is for."""

    name: str
    labels: tuple[str, ...]
    task: str


@dataclass(frozen=True, slots=True)
class MadeMachine:
    """The version that was made, and its measurement on the pages that were held out."""

    machine: MachineVersionView
    evaluation_id: int
    held_out: int


def check_new(slug: str, name: str, asker_id: int | None) -> Plan:
    """Raises NotFound, Forbidden, Invalid (field `name`)."""
    name = law.check_name(name)
    with reading() as session:
        challenge = get_modelled(session, slug, asker_id, drafts=True)
        law.check_kind(name, "trained", machines.kinds_of(session, name))
        return Plan(name, tuple(challenge.label_keys), str(challenge.brief.get("question", "")))


def keep_trained(
    plan: Plan,
    trained: Trained,
    *,
    data_name: str,
    asker_id: int | None,
    snapshots: SnapshotStore,
    now: datetime,
    rows: Sequence[LabelledPage] = (),
) -> MadeMachine:
    """Keep the artifact by its hash, then machine and measurement in one transaction; what is there already is left.
    `rows`: those it comes from, to be kept for later rounds."""
    location: dict[str, object] = {"artifact": snapshots.put(trained.packed)}
    if rows:
        base = {"key": snapshots.put(pack_rows(rows)), "format": "rows", "name": data_name}
        location["data"] = {"base": base}
    values = {
        "name": plan.name, "version": trained.version, "kind": "trained", "labels": list(trained.labels),
        "card": trained.card, "location": location, "created_by": asker_id, "created_at": now,
    }  # fmt: skip
    with transaction() as session:
        is_new = all(row.version != trained.version for row in machines.versions(session, plan.name))
        row = machines.add_version(session, values)
        evaluation_id = keep_evaluation(
            session, row.id, f"{HELD_OUT}{data_name}", trained.held_out, trained.report, now
        )
        if is_new:
            record_machine(session, row, "train_machine", asker_id, now)
        [view] = version_views(session, [row])
    return MadeMachine(view, evaluation_id, trained.held_out)
