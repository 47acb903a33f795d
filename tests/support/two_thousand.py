"""What a modeler has at the start: 2,000 pages' texts with their labels in a CSV, and a challenge in mind."""

from __future__ import annotations

import csv
import gzip
import io
import os
import random
from collections.abc import Iterator
from pathlib import Path

from . import texts

SLUG, MACHINE = "hidden-drinks", "hidden-drinks-own"
TARGET, OTHER = "drinks", "none"
EACH = 1000
SHARED = Path(__file__).parents[3] / "shared" / "data"


def csv_file() -> bytes:
    """2,000 rows of url, text and label, half and half: real posts where the development data is, invented words elsewhere."""
    posts = Path(os.environ.get("BTM_TEST_DATA") or SHARED) / "posts" / "posts.csv.gz"
    made = list(_real(posts) if posts.exists() else _invented())
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["url", "text", "label"])
    writer.writerows(
        (f"https://s{place % 400}.example/{place}", text, label) for place, (text, label) in enumerate(made)
    )
    assert len(made) == 2 * EACH
    return out.getvalue().encode()


def _real(path: Path) -> Iterator[tuple[str, str]]:
    found: dict[str, dict[str, None]] = {TARGET: {}, OTHER: {}}
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["kind"] in ("positive", "neutral") and row["label"] in ("alcohol", "none"):
                kept = found[TARGET if row["label"] == "alcohol" else OTHER]
                if len(kept) < EACH and len(row["text"]) > 40:
                    kept[row["text"]] = None
    for target, other in zip(found[TARGET], found[OTHER], strict=True):
        yield target, TARGET
        yield other, OTHER


def _invented() -> Iterator[tuple[str, str]]:
    dice = random.Random(2000)
    vocabulary = {TARGET: texts.words("drinks", 60), OTHER: texts.words("other", 60)}
    for place in range(2 * EACH):
        label = (TARGET, OTHER)[place % 2]
        both = [*dice.choices(vocabulary[label], k=25), *texts.words(f"noise {place}", 25)]
        yield texts.sentences(both), label


DESIGN = f"""\
slug: {SLUG}
title: Pages about drinks that look like something else
sought: Pages about alcoholic drinks that the machine takes for something else.
target: {TARGET}
labels:
  - {{key: {TARGET}, name: About drinks, statement: this page is about drinks}}
  - {{key: {OTHER}, name: Not about drinks, statement: this page is not about drinks}}
cost: [[0, 1], [1, 0]]
budget: 200000
brief:
  summary: The machine reads a page and says whether it is about alcoholic drinks. Find those that it misses.
  question: Is this page about alcoholic drinks?
  counts: [{{text: A cellar's notes on a vintage., why: It is about wine.}}]
  counts_not: [{{text: A recipe that needs a spoon of rum., why: It is about a cake.}}]
qualification:
  - {{text: Notes on a red wine with a long finish., label: {TARGET}}}
  - {{text: How to prune roses in spring., label: {OTHER}}}
"""
