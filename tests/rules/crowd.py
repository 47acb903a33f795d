"""Real judgements of the development data, for the tests of what is learned from judgements."""

from __future__ import annotations

import csv
import gzip
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

from btm.rules.em import Learned

Columns = tuple[list[str], list[str], list[str]]


def crowd(name: str) -> tuple[Columns, dict[str, str]]:
    """(workers, items, labels) and gold of "rte" or "adult"; skips where the data is absent, fails under BTM_TEST_ALL=1."""
    root = Path(os.environ.get("BTM_TEST_DATA") or Path(__file__).resolve().parents[3] / "shared" / "data")
    file = next((root / "crowd").glob(f"{name}_labels.csv*"), None)
    if file is None:
        reason = (
            f"there are no judgements in {root / 'crowd'}: put the data there, or name it in BTM_TEST_DATA"
        )
        if os.environ.get("BTM_TEST_ALL") == "1":
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)
    rows = [(row["worker"], row["item"], row["label"]) for row in _rows(file)]
    workers, items, labels = (list(column) for column in zip(*rows, strict=True))
    return (workers, items, labels), {
        row["item"]: row["label"] for row in _rows(root / "crowd" / f"{name}_gold.csv")
    }


def _rows(file: Path) -> list[dict[str, str]]:
    with gzip.open(file, "rt") if file.suffix == ".gz" else file.open() as lines:
        return list(csv.DictReader(lines))


def accuracy(learned: Learned, gold: Mapping[str, str], said: Iterable[str] | None = None) -> float:
    """The share of the gold items that were labelled rightly. said: a label for each of `items_`; default: the likeliest."""
    verdicts = dict(zip(learned.items_.tolist(), learned.predict() if said is None else said, strict=True))
    known = [item for item in gold if item in verdicts]
    return sum(verdicts[item] == gold[item] for item in known) / len(known)
