"""What a round learns from, and what it is measured on: base data, corpus, audit. Shared by the services.

Nothing that is measured on was trained on, by the candidate or by the machine that it is compared with: the fifth of the base
data that training holds out is the same each time, and a cause that any earlier round learned from is never held out again.
"""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from btm.pages.reader import PageReader
from btm.pages.snapshot import SnapshotDamaged, SnapshotMissing, SnapshotStore
from btm.rules.errors import Invalid
from btm.rules.rounds import LEAST_CAUSES, LEAST_FINDS, check_corpus, parts
from btm.services.kept_rows import unpack_rows
from btm.services.machines import as_page
from btm.services.presenting import host_of
from btm.services.read_labelled import LabelledPage, Progress, read_labelled
from btm.store import rounds
from btm.store.rounds import Verified
from btm.store.tables_challenges import DbChallenge, DbMachine
from btm.store.tables_corpus import DbRound
from btm.store.tables_play import DbPage
from btm.store.transaction import Session
from classifiers.learning_data import Example, joined_groups, split_by_cluster, text_of
from classifiers.page import as_page as whole

MOST_FINDS = 20_000
LONE = "lone:"
Source = Mapping[str, Any]


@dataclass(frozen=True)
class Facts:
    """What the database says: the round, its challenge, the machine that plays and the one that is learned upon, and pages."""

    round: DbRound
    challenge: DbChallenge
    base: DbMachine
    finds: Sequence[Verified]
    right: Sequence[Verified]
    inspected: Sequence[tuple[str, DbPage]]
    learned: frozenset[int]


@dataclass(frozen=True)
class Sets:
    """The training part (`ordinary`, `corpus`, `probes`) and the three held-out sets. `learned`: the submissions trained on."""

    ordinary: list[Example]
    ordinary_rows: list[LabelledPage]
    corpus: list[Example]
    probes: list[Example]
    natural: list[LabelledPage]
    audit: list[Example]
    held: dict[str, list[Example]]
    learned: list[int]


def base_source(session: Session, machine: DbMachine) -> tuple[Source | None, Source | None]:
    """Where the data lies that a machine was trained with here, and the natural traffic that it was measured on."""
    kept = machine.location.get("data")
    if kept:
        return kept.get("base"), kept.get("natural")
    todo = rounds.training_input(session, machine.name, machine.version)
    if todo is None:
        return None, None
    return {"key": todo["data"], "format": todo["format"], "name": todo["data_name"]}, None


def learned_by(session: Session, challenge_id: int, machine_id: int) -> frozenset[int]:
    """The submissions from which a machine, if it comes from a round, was trained, in this round or any before."""
    made = rounds.round_that_made(session, challenge_id, machine_id)
    return frozenset(made.data.get("learned", ())) if made else frozenset()


def count_fresh(session: Session, challenge_id: int, learned: frozenset[int]) -> tuple[int, int]:
    """How many finds there are of causes that a machine never learned from, and how many such causes."""
    found = rounds.causes(session, challenge_id)
    known = {cluster for submission, cluster in found if submission in learned and cluster is not None}
    fresh = [(sub, cluster) for sub, cluster in found if sub not in learned and cluster not in known]
    return len(fresh), len({cluster if cluster is not None else -sub for sub, cluster in fresh})


def read_source(
    source: Source, labels: Sequence[str], snapshots: SnapshotStore, reader: PageReader, progress: Progress
) -> list[LabelledPage]:
    """The pages of a kept or uploaded file. Raises Invalid."""
    try:
        data = snapshots.get(source["key"])
    except (SnapshotMissing, SnapshotDamaged) as error:
        raise Invalid(
            "The base data is not in the store any more. Start the round with a labelled file.", field="data"
        ) from error
    if source["format"] == "rows":
        return unpack_rows(data)
    return read_labelled(
        io.BytesIO(data), source["format"], labels=labels, reader=reader, progress=progress
    ).pages


def split(facts: Facts, base: Sequence[LabelledPage], natural: Sequence[LabelledPage] | None) -> Sets:
    """Share out what there is. Raises Invalid where too little is left on one side."""
    corpus, held, learned = _split_finds(facts)
    audit = [Example(as_page(page), truth, host_of(page.final_url)) for truth, page in facts.inspected]
    probes = [Example(as_page(each.page), each.truth, "", "probe") for each in facts.right]
    ordinary: list[LabelledPage] = []
    if base:
        ordinary, fifth = halve(base, 5) if natural is None else (list(base), [])
        natural = natural if natural is not None else fifth
    elif natural is None:
        rows = [*_rows(probes), *_rows(audit, len(probes))]
        taken, natural = halve(rows, 2)
        inside = {row.number for row in taken}
        ordinary = [row for row in taken if row.number > len(probes)]
        audit = [each for at, each in enumerate(audit, len(probes) + 1) if at not in inside]
        probes = [each for at, each in enumerate(probes, 1) if at in inside]
    # What is measured on stands nowhere else, whatever file it came in.
    measured = {text_of(each.page) for each in audit}
    measured |= {text_of(each.page) for examples in held.values() for each in examples}
    corpus = [each for each in corpus if text_of(each.page) not in measured]
    probes = [each for each in probes if text_of(each.page) not in measured]
    trained = {text_of(each.page) for each in (*corpus, *probes)}
    natural = [row for row in natural or () if text_of(row.page) not in trained]
    measured |= {text_of(row.page) for row in natural}
    ordinary = [row for row in ordinary if text_of(row.page) not in measured]
    examples = [Example(row.page, row.label, row.source) for row in ordinary]
    return Sets(examples, ordinary, corpus, probes, natural, audit, held, learned)


def _split_finds(facts: Facts) -> tuple[list[Example], dict[str, list[Example]], list[int]]:
    """Training part, held-out part by cause, and the submissions of the training part. Causes are whole; one that the machine
    learned from before is in the training part again, so that it is not forgotten."""
    finds = facts.finds
    examples = [
        Example(as_page(each.page), each.truth, each.cluster or f"{LONE}{each.submission_id}", "corpus")
        for each in finds
    ]
    groups = joined_groups(examples) if examples else np.zeros(0, np.int64)
    known = {group for group, each in zip(groups, finds, strict=True) if each.submission_id in facts.learned}
    fresh = [at for at, group in enumerate(groups) if group not in known]
    check_corpus(len(fresh), len({groups[at] for at in fresh}))
    out = _held_out([examples[at] for at in fresh], seed=facts.round.number)
    chosen = {at for at, is_out in zip(fresh, out, strict=True) if is_out}
    held: dict[str, list[Example]] = {}
    for at in sorted(chosen):
        held.setdefault(examples[at].group, []).append(examples[at])
    inside = [at for at in range(len(examples)) if at not in chosen]
    return [examples[at] for at in inside], held, [finds[at].submission_id for at in inside]


def _held_out(fresh: Sequence[Example], seed: int) -> np.ndarray:
    """Which finds are held out: the first part that suffices for a recommendation; with parts too uneven for that, the largest."""
    folds = split_by_cluster(fresh, parts(len(fresh)), seed)
    names = np.array([each.group for each in fresh])
    for part in range(int(folds.max()) + 1):
        inside = folds == part
        if inside.sum() >= LEAST_FINDS // 2 and len(set(names[inside])) >= LEAST_CAUSES // 2:
            return np.asarray(inside)
    return np.asarray(folds == np.bincount(folds).argmax())


def halve(rows: Sequence[LabelledPage], folds: int) -> tuple[list[LabelledPage], list[LabelledPage]]:
    """All but one of `folds` parts, and that part: the same as when a machine is trained from these rows. Raises Invalid."""
    from classifiers.holdout import hold_out  # scikit-learn: only where something is trained

    few = [label for label, count in Counter(row.label for row in rows).items() if count < 2]
    if few or not rows:
        raise Invalid("There are too few ordinary pages of each label to hold any out.", field="data")
    out = hold_out([row.label for row in rows], [row.source for row in rows], folds=folds)
    return (
        [row for row, is_out in zip(rows, out, strict=True) if not is_out],
        [row for row, is_out in zip(rows, out, strict=True) if is_out],
    )


def _rows(examples: Sequence[Example], start: int = 0) -> list[LabelledPage]:
    return [
        LabelledPage(number, whole(each.page), each.label, each.group)
        for number, each in enumerate(examples, start + 1)
    ]
