"""How soon are labels good, when the next one is asked for at random, in turn, or where LU says? Real judgements are played again.

`python bench/repeated_labelling.py [--data DIR] [--seeds N]`. RTE: 800 items, ten answers each. Every step takes one answer, not
asked for before, of the item that comes first by btm.rules.repeated_labelling (ties by lot), of one that was asked about least (each
in turn, by lot within a turn), or of an item drawn at random. An item's label is the majority of what was answered, a tie counts half. Nothing here looks at the truth before the reckoning. The items have no texts, so
there is no model to ask: MU and LMU are not compared.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from btm.rules.repeated_labelling import label_uncertainty  # noqa: E402

STEPS = (1, 1.5, 2, 3, 4, 5, 7)
"""Answers an item, on average, at which labels are looked at."""


SCORES: dict[str, Callable[[np.ndarray], float]] = {
    "random": lambda counts: 0.0,
    "in turn": lambda counts: -float(counts.sum()),
    "lu": lambda counts: label_uncertainty(counts),
}
"""By counts of answers: the item with the highest is asked about next."""


def read(folder: Path) -> tuple[list[list[int]], list[int]]:
    """Of each item its answers and its truth, 0 or 1."""
    truth = {
        row["item"]: int(row["label"] == "yes") for row in csv.DictReader((folder / "rte_gold.csv").open())
    }
    answers: dict[str, list[int]] = defaultdict(list)
    for row in csv.DictReader((folder / "rte_labels.csv").open()):
        answers[row["item"]].append(int(row["label"] == "yes"))
    items = sorted(answers.keys() & truth.keys())
    return [answers[item] for item in items], [truth[item] for item in items]


def run(answers: list[list[int]], truth: list[int], ranking: str, rng: np.random.Generator) -> list[float]:
    """The share of right labels at STEPS."""
    left = [list(rng.permutation(each)) for each in answers]
    counts = np.zeros((len(answers), 2), dtype=int)
    scores = np.full(len(answers), SCORES[ranking](counts[0]))
    found, asked = [], 0
    for step in STEPS:
        while asked < step * len(answers):
            free = np.array([bool(each) for each in left])
            first = free & (scores >= scores[free].max())
            place = rng.choice(np.flatnonzero(first))
            counts[place, left[place].pop()] += 1
            scores[place] = SCORES[ranking](counts[place])
            asked += 1
        lead = counts[:, 1] - counts[:, 0]
        right = np.where(lead == 0, 0.5, (lead > 0) == np.array(truth, dtype=bool))
        found.append(float(right.mean()))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data" / "crowd")
    parser.add_argument("--seeds", type=int, default=5)
    asked = parser.parse_args()
    answers, truth = read(asked.data)
    print(f"{len(truth)} items, {sum(map(len, answers))} answers, {asked.seeds} seeds")
    print("answers an item " + "".join(f"{step:>8}" for step in STEPS))
    for ranking in SCORES:
        runs = [run(answers, truth, ranking, np.random.default_rng(seed)) for seed in range(asked.seeds)]
        print(f"{ranking:<16}" + "".join(f"{value:>8.3f}" for value in np.mean(runs, axis=0)))


if __name__ == "__main__":
    main()
