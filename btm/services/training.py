"""Fitting a machine on labelled pages, and packing it. Shared by the services; asks the database for nothing."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from btm.rules.machines import check_enough
from btm.services.measuring import measure, terms_of
from btm.services.read_labelled import LabelledPage, Progress
from classifiers.linear import LinearMachine
from classifiers.packing import pack

HELD_OUT = "held out from "


@dataclass(frozen=True, slots=True)
class Trained:
    """A machine fresh from training: its pack, its card, and its report on the pages that were held out from training."""

    version: str
    labels: tuple[str, ...]
    packed: bytes
    card: dict[str, Any]
    report: dict[str, Any]
    held_out: int


def fit(
    rows: Sequence[LabelledPage],
    labels: Sequence[str],
    *,
    name: str,
    task: str,
    data_name: str,
    progress: Progress | None = None,
) -> Trained:
    """Train on four fifths of the rows and measure on the fifth. The same rows give the same machine, byte for byte.

    Pages of one source never stand on both sides. Raises Invalid (field `data`) for too few rows of a label.
    """
    from classifiers.holdout import hold_out  # scikit-learn: only where something is trained
    from classifiers.text import PageClassifier

    say = progress or (lambda share, word: None)
    check_enough(Counter(row.label for row in rows), labels)
    held = hold_out([row.label for row in rows], [row.source for row in rows])
    training = [row for row, out in zip(rows, held, strict=True) if not out]
    testing = [row for row, out in zip(rows, held, strict=True) if out]
    say(0.0, f"Learning from {len(training):,} pages")
    classifier = PageClassifier().fit([row.page for row in training], [row.label for row in training])
    say(0.7, f"Measuring on {len(testing):,} pages that were held out")
    with tempfile.TemporaryDirectory(prefix="btm-machine-") as scratch:
        machine = classifier.save(Path(scratch) / "machine", name=name)
        report = measure(machine, testing)
        card = card_of(machine, training, report, task, data_name)
        card["top_terms"] = {k: [list(t) for t in terms] for k, terms in terms_of(machine, training).items()}
        packed = with_card(machine, card, Path(scratch))
    say(1.0, "Done")
    return Trained(machine.version, machine.classes_, packed, card, report, len(testing))


def with_card(machine: LinearMachine, card: dict[str, Any], scratch: Path) -> bytes:
    """The pack of a machine under a card; `scratch` is an empty place for its files."""
    named = LinearMachine(
        machine.name, machine.version, machine.classes_, machine.settings, machine.idf, machine.coef,
        machine.intercept, machine.calibration, card,
    )  # fmt: skip
    named.save(scratch / "carded")
    return pack(scratch / "carded")


def card_of(
    machine: LinearMachine,
    training: Sequence[LabelledPage],
    report: dict[str, Any],
    task: str,
    data_name: str,
) -> dict[str, Any]:
    """What a machine's card says: what it was trained on and how, and its figures from a report."""
    return {
        "name": machine.name,
        "version": machine.version,
        "task": task,
        "classes": list(machine.classes_),
        "method": "logistic regression over hashed words, word pairs and character 4-grams; sigmoid calibration "
        "on held-out folds; weights in half precision",
        "languages": [
            code for code, _ in Counter(row.page.language for row in training).most_common(5) if code
        ],
        "data": [{"what": f"{len(training):,} labelled pages", "source": data_name}],
        "training_pages": dict(sorted(Counter(row.label for row in training).items())),
        "metrics": {f"held out, {label}": metrics_of(report, label) for label in machine.classes_},
    }


def metrics_of(report: dict[str, Any], label: str) -> dict[str, Any]:
    """The figures of a label as a card shows them."""
    found = report["labels"][label]
    return {
        "pages": found["pages"],
        "reliability": [[mean, share, count] for _, _, count, mean, share in found["reliability"]],
        **{
            key: {"value": value, "low": low, "high": high}
            for key, (value, low, high) in found["figures"].items()
            if value is not None
        },
    }
