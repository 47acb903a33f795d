"""The background half of a round: train, measure, keep. Shared by the services: whoever runs a task does it.

What is promoted is what was measured: no second machine is trained on everything afterwards.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from btm.pages.reader import PageReader
from btm.pages.snapshot import SnapshotStore
from btm.rules.errors import Conflict, Invalid
from btm.rules.machines import check_enough
from btm.services.kept_rows import pack_rows
from btm.services.machines import MachineShelf, parts_of
from btm.services.measuring import keep_evaluation, measure
from btm.services.read_labelled import LabelledPage, Progress
from btm.services.round_data import MOST_FINDS, Facts, Sets, learned_by, read_source, split
from btm.services.round_views import get_round
from btm.services.training import HELD_OUT, card_of, with_card
from btm.store import machines, rounds
from btm.store.tables_challenges import DbMachine
from btm.store.tables_corpus import DbRound
from btm.store.tables_machines import DbTask
from btm.store.transaction import Session, reading, transaction
from classifiers.correction import train_correction
from classifiers.errors import MachineError
from classifiers.learning_data import Example
from classifiers.machine import Machine
from classifiers.packing import pack
from classifiers.promotion import PromotionReport, compare


@dataclass(frozen=True, slots=True)
class RoundTools:
    """What a round is made with. `tell(start, end)` gives a callback for progress between two shares. `hold` is called in the
    transaction that writes the result, and raises where another worker has the task now."""

    reader: PageReader
    snapshots: SnapshotStore
    shelf: MachineShelf
    clock: Callable[[], datetime]
    tell: Callable[[float, float], Progress]
    hold: Callable[[Session], None]


@dataclass(frozen=True)
class _Made:
    """A new version: the machine, its pack, its card, and its report on natural traffic."""

    machine: Machine
    packed: bytes
    card: dict[str, Any]
    evaluation: dict[str, Any]


def run_round(task: DbTask, tools: RoundTools) -> dict[str, Any]:
    """Do a round from its rows; what it comes to is written in one transaction, once. Returns the task's result.

    The corpus is as it was when the round began, so whoever takes over after a kill makes the same version.
    Raises Invalid and Conflict, with a sentence for the modeler.
    """
    facts = _facts(task)
    base, natural = _read(facts, tools)
    sets = split(facts, base, natural)
    try:
        with tempfile.TemporaryDirectory(prefix="btm-round-") as scratch:
            make = _candidate if facts.round.kind == "candidate" else _correction
            made = make(facts, sets, tools, Path(scratch))
            report = _compare(facts, sets, made, tools)
    except MachineError as error:
        raise Conflict(
            f"{error} Nothing was changed; start the round again later.", code="machine_away"
        ) from error
    return _keep(facts, sets, base, made, report, tools)


def _facts(task: DbTask) -> Facts:
    with reading() as session:
        challenge = task.challenge
        row = rounds.find_round(session, challenge.id, task.public_id)
        if row is None or row.state != "training":
            raise Conflict("This round is not under way any more.")
        upto = row.data["upto"]
        return Facts(
            round=row,
            challenge=challenge,
            base=rounds.machine_names(session, [row.base_machine_id])[row.base_machine_id],
            finds=rounds.verified(session, challenge.id, errors=True, upto=upto, most=MOST_FINDS),
            right=rounds.verified(session, challenge.id, errors=False, upto=upto, most=MOST_FINDS),
            inspected=[
                (truth, page)
                for truth, page in rounds.inspected(session, challenge.id)
                if truth in challenge.label_keys
            ],
            learned=learned_by(session, challenge.id, row.base_machine_id),
        )


def _read(facts: Facts, tools: RoundTools) -> tuple[list[LabelledPage], list[LabelledPage] | None]:
    """The base data (nothing where there is none) and the natural traffic (None where the base data is to stand in for it)."""
    data, labels = facts.round.data, facts.challenge.label_keys
    read: list[list[LabelledPage] | None] = []
    for source, (start, end) in ((data["base"], (0.0, 0.15)), (data["natural"], (0.15, 0.2))):
        tell = tools.tell(start, end)
        read.append(read_source(source, labels, tools.snapshots, tools.reader, tell) if source else None)
    if facts.round.kind == "candidate":
        check_enough(Counter(row.label for row in read[0] or ()), labels)
    return read[0] or [], read[1]


def _candidate(facts: Facts, sets: Sets, tools: RoundTools, scratch: Path) -> _Made:
    from classifiers.learning import train_candidate  # only where something is trained

    check_enough(Counter(each.label for each in sets.ordinary), facts.challenge.label_keys, least=2)
    name = facts.round.data["name"]
    trained = train_candidate(
        sets.ordinary, sets.corpus, sets.probes, facts.challenge.label_keys, name=name, version="", seed=0,
        progress=tools.tell(0.2, 0.8),
    )  # fmt: skip
    machine = trained.save(scratch / "machine", name)
    evaluation = _evaluation(machine, sets, tools)
    card = card_of(machine, sets.ordinary_rows, evaluation, _question(facts), _data_name(facts))
    card |= trained.card | {"round": facts.round.number}
    return _Made(machine, with_card(machine, card, scratch), card, evaluation)


def _correction(facts: Facts, sets: Sets, tools: RoundTools, scratch: Path) -> _Made:
    """A layer over the machine that plays; where that is a layer itself, a new one over what lies below. Layers never pile up."""
    below = _below(facts.base)
    name = facts.round.data["name"]
    machine = tools.shelf.find(**parts_of(below))
    tools.tell(0.2, 0.8)(0.0, f"Learning a correction of {below['name']}")
    layer = train_correction(machine, sets.ordinary, sets.corpus, sets.probes, name=name)
    card = layer.card | {
        "name": name,
        "task": _question(facts),
        "classes": list(layer.classes_),
        "method": f"the probabilities of {below['name']} {below['version']}, corrected by a weighted sum over words and "
        "characters that was learned from verified errors",
        "data": [{"what": f"{len(sets.corpus):,} verified errors", "source": facts.challenge.slug}],
        "round": facts.round.number,
    }  # fmt: skip
    saved = replace(layer, card=card).save(scratch / "layer")
    return _Made(
        saved, pack(scratch / "layer"), card | {"version": saved.version}, _evaluation(saved, sets, tools)
    )


def _below(base: DbMachine) -> dict[str, Any]:
    if base.kind == "corrected":
        return dict(base.location["base"])
    location = {key: value for key, value in base.location.items() if key != "data"}
    return {
        "id": base.id, "name": base.name, "version": base.version, "kind": base.kind, "labels": base.labels,
        "location": location,
    }  # fmt: skip


def _evaluation(machine: Machine, sets: Sets, tools: RoundTools) -> dict[str, Any]:
    if not sets.natural:
        raise Invalid("There is no page of natural traffic to measure on. Give more base data.", field="data")
    return measure(machine, sets.natural, tools.tell(0.8, 0.9))


def _compare(facts: Facts, sets: Sets, made: _Made, tools: RoundTools) -> PromotionReport:
    tools.tell(0.9, 1.0)(0.0, "Comparing with the machine that plays")
    natural = [Example(row.page, row.label, row.source) for row in sets.natural]
    return compare(
        tools.shelf.get(facts.base), made.machine, natural, sets.audit, sets.held, facts.challenge.label_keys,
        facts.challenge.cost, rng=np.random.default_rng(facts.round.number),
    )  # fmt: skip


def _keep(
    facts: Facts,
    sets: Sets,
    base: list[LabelledPage],
    made: _Made,
    report: PromotionReport,
    tools: RoundTools,
) -> dict[str, Any]:
    """The machine, its measurement and the round's report, in one transaction, by the worker that still holds the task."""
    location: dict[str, Any] = {"artifact": tools.snapshots.put(made.packed)}
    location["data"] = {"base": _kept_base(facts, base, tools), "natural": facts.round.data["natural"]}
    if facts.round.kind == "correction":
        location["base"] = _below(facts.base)
    now = tools.clock()
    values = {
        "name": made.machine.name, "version": made.machine.version,
        "kind": "trained" if facts.round.kind == "candidate" else "corrected", "labels": list(made.machine.classes_),
        "card": made.card, "location": location, "created_by": facts.round.started_by, "created_at": now,
    }  # fmt: skip
    with transaction() as session:
        tools.hold(session)
        machine = machines.add_version(session, values)
        what = f"{HELD_OUT}{_data_name(facts)}"
        evaluation_id = keep_evaluation(session, machine.id, what, len(sets.natural), made.evaluation, now)
        row = get_round(session, facts.challenge.id, facts.round.public_id, lock=True)
        row.state, row.candidate_id, row.finished_at = "ready", machine.id, now
        row.report, row.data = report.as_json(), {**row.data, "learned": sets.learned}
        _check_new(row, machine)
    return {
        "machine": machine.name,
        "version": machine.version,
        "evaluation": evaluation_id,
        "rows": len(base),
    }


def _check_new(row: DbRound, machine: DbMachine) -> None:
    if machine.id == row.base_machine_id:
        raise Conflict("What was learned is the very machine that plays. Find more errors first.")


def _kept_base(facts: Facts, base: list[LabelledPage], tools: RoundTools) -> dict[str, Any] | None:
    """The base data as it was read, so that later rounds fetch nothing again."""
    if not base:
        return None
    return {"key": tools.snapshots.put(pack_rows(base)), "format": "rows", "name": _data_name(facts)}


def _question(facts: Facts) -> str:
    return str(facts.challenge.brief.get("question", ""))


def _data_name(facts: Facts) -> str:
    source = facts.round.data["natural"] or facts.round.data["base"]
    return str(source["name"]) if source else f"verified pages of {facts.challenge.slug}"
