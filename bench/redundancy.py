"""How many judgements buy how much accuracy? Real judgements are played again, as the product would have asked for them.

`python bench/redundancy.py [--data DIR] [--seeds N]`. The judges are unknown at the start. The next item is the one with the
first place by `btm.rules.priority`, ties at random; which of the people who judged it is asked is chance. Each answer moves the
item's belief and the judge's counts at once; a batch fit puts all of them right now and then; `decide` says when an item has
enough, with the default rules. Every label is as likely at first. Nothing here looks at the truth before the reckoning.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import argparse
import csv
import gzip
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from btm.rules.dawid_skene import DawidSkene, confusion_prior  # noqa: E402
from btm.rules.dawid_skene_online import Belief, add_judgement, new_belief  # noqa: E402
from btm.rules.em import PRIOR_STRENGTH  # noqa: E402
from btm.rules.judgements import Judgements, encode  # noqa: E402
from btm.rules.priority import label_uncertainty, priority, worth  # noqa: E402
from btm.rules.scoring import ordinal_cost  # noqa: E402
from btm.rules.settings import ChallengeRules  # noqa: E402
from btm.rules.verification import NeedMore, decide, decision_costs  # noqa: E402

Columns = tuple[Sequence[str], Sequence[str], Sequence[str]]
Curve = dict[int, float]


class Replay:
    """One run over n judgements. cost: shape (k, k), in the order of `classes`. by_priority: whether the item worth most comes
    next; else the items come in random order, each until it is decided. every: judgements between two batch fits; 0 is never.
    """

    def __init__(
        self,
        columns: Columns,
        classes: Sequence[str],
        cost: np.ndarray,
        rules: ChallengeRules,
        rng: np.random.Generator,
        *,
        by_priority: bool = True,
        every: int = 200,
    ) -> None:
        self.known: Judgements = encode(*columns, None, classes)
        self.cost, self.rules, self.rng = cost, rules, rng
        self.by_priority, self.every = by_priority, every
        n_items, k = len(self.known.items), len(classes)
        self.even = np.full(k, 1 / k)
        self.newcomer = confusion_prior(k, PRIOR_STRENGTH, rules.judge_accuracy)
        self.counts = np.tile(self.newcomer, (len(self.known.workers), 1, 1))
        self.beliefs = [new_belief(k)] * n_items
        self.waiting: list[list[int]] = [[] for _ in range(n_items)]
        for at in rng.permutation(len(self.known.item)).tolist():
            self.waiting[self.known.item[at]].append(at)
        self.chance = rng.random(n_items)
        self.places = np.zeros(n_items) if by_priority else self.chance.copy()
        self.asked: list[int] = []

    def run(self, stops: Sequence[int], gold: Mapping[str, str]) -> Curve:
        """Accuracy on the gold items after so many judgements each (`stops`, rising), and when nothing more is asked for."""
        curve: Curve = {}
        for stop in (*stops, len(self.known.item)):
            while len(self.asked) < stop and self.places.max() > -np.inf:
                self._ask(self._next())
            if len(self.asked) < stop:
                break
            curve[stop] = self.accuracy(gold)
        curve[len(self.asked)] = self.accuracy(gold)
        return curve

    def accuracy(self, gold: Mapping[str, str]) -> float:
        """The share of the gold items whose label that costs least is the right one; what is undecided counts too."""
        place = {item: at for at, item in enumerate(self.known.items.tolist())}
        said = {item: self._posterior(place[item]) for item in gold if item in place}
        labels = {item: self.known.classes[decision_costs(p, self.cost).argmin()] for item, p in said.items()}
        return float(np.mean([labels[item] == gold[item] for item in said]))

    def _posterior(self, item: int) -> np.ndarray:
        return self.beliefs[item].posterior(self.even)

    def _next(self) -> int:
        first = np.flatnonzero(self.places == self.places.max())
        return int(self.rng.choice(first))

    def _ask(self, item: int) -> None:
        at = self.waiting[item].pop()
        worker, given = self.known.worker[at], int(self.known.label[at])
        self.beliefs[item], self.counts[worker] = add_judgement(
            self.beliefs[item], self.counts[worker], given, self.even
        )
        self.asked.append(at)
        self._place(item)
        if self.every and len(self.asked) % self.every == 0:
            self._recompute()

    def _place(self, item: int) -> None:
        """The item's place after what is believed of it now; none where it is decided, given up, or nobody is left to ask."""
        post, heard = self._posterior(item), self.beliefs[item].judgements
        more = isinstance(decide(post, self.cost, heard, self.rules), NeedMore)
        if not more or not self.waiting[item]:
            self.places[item] = -np.inf
        elif self.by_priority:
            value = worth(label_uncertainty(post, self.cost), 1.0, 1.0)
            self.places[item] = priority(value, 0.0, self.rules.ageing_hours)

    def _recompute(self) -> None:
        """Take over the exact result of everything asked so far, whole."""
        heard = np.array(self.asked)
        worker, item, label = self.known.worker[heard], self.known.item[heard], self.known.label[heard]
        k = len(self.even)
        fit = DawidSkene(
            prior_accuracy=self.rules.judge_accuracy, class_priors=self.even, classes=list(range(k))
        ).fit(worker, item, label)
        self.counts[fit.workers_] = fit.counts_
        confusion = self.counts / self.counts.sum(axis=2, keepdims=True)
        log = np.log(confusion[worker, :, label])
        totals = np.array(
            [np.bincount(item, log[:, true], minlength=len(self.beliefs)) for true in range(k)]
        ).T
        times = np.bincount(item, minlength=len(self.beliefs))
        for each in np.flatnonzero(times).tolist():
            self.beliefs[each] = Belief(totals[each], int(times[each]))
            if self.places[each] > -np.inf:
                self._place(each)


def majority(
    columns: Columns, classes: Sequence[str], gold: Mapping[str, str], most: int, seed: int
) -> float:
    """Accuracy on the gold items of the majority of `most` judgements each, taken by chance; ties count in part."""
    known = encode(*columns, None, classes)
    order = np.random.default_rng(seed).permutation(len(known.item))
    votes = np.zeros((len(known.items), len(classes)))
    for at in order.tolist():
        if votes[known.item[at]].sum() < most:
            votes[known.item[at], known.label[at]] += 1
    place = {item: at for at, item in enumerate(known.items.tolist())}
    right = []
    for item, label in gold.items():
        if item in place:
            best = votes[place[item]] == votes[place[item]].max()
            right.append(best[list(known.classes).index(label)] / best.sum())
    return float(np.mean(right))


def load(root: Path, name: str) -> tuple[Columns, dict[str, str]]:
    """(workers, items, labels) and gold of "rte" or "adult" from the folder `root`."""
    labels = next(root.glob(f"{name}_labels.csv*"))
    with gzip.open(labels, "rt") if labels.suffix == ".gz" else labels.open() as lines:
        rows = [(row["worker"], row["item"], row["label"]) for row in csv.DictReader(lines)]
    with (root / f"{name}_gold.csv").open() as lines:
        gold = {row["item"]: row["label"] for row in csv.DictReader(lines)}
    workers, items, given = zip(*rows, strict=True)
    return (workers, items, given), gold


def five_each(columns: Columns) -> int:
    """How many judgements five each are, where an item with fewer gives all that it has."""
    return int(np.minimum(np.unique(columns[1], return_counts=True)[1], 5).sum())


SETS = {"rte": (["no", "yes"], 1 - np.eye(2)), "adult": (list("GPRX"), ordinal_cost([0, 1, 2, 3]))}
SHARES = (0.4, 0.5, 0.6, 0.7, 0.8)
CEILINGS = (0.05, 0.1, 0.15, 0.2)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    options.add_argument("--seeds", type=int, default=10)
    options.add_argument("--only", choices=tuple(SETS))
    chosen = options.parse_args()
    for name in (chosen.only,) if chosen.only else tuple(SETS):
        show(name, chosen.data / "crowd", chosen.seeds)


def show(name: str, root: Path, seeds: int) -> None:
    """Print one row a way of asking: the share of five judgements each that it spent, and its accuracy."""
    classes, cost = SETS[name]
    columns, gold = load(root, name)
    full = five_each(columns)
    every = full // 20
    fives = [majority(columns, classes, gold, 5, seed) for seed in range(seeds)]
    print(f"{name}: five judgements each are {full:,}; {len(gold)} gold items; a batch fit every {every}")
    row("five each, majority", [1.0], fives)
    for ceiling in CEILINGS:
        spent, right = [], []
        for seed in range(seeds):
            rules = ChallengeRules(max_expected_cost=ceiling)
            rng = np.random.default_rng(seed)
            replay = Replay(columns, classes, cost, rules, rng, by_priority=False, every=every)
            (used, accuracy) = list(replay.run([], gold).items())[-1]
            spent.append(used / full)
            right.append(accuracy)
        row(f"stopping rule alone, {ceiling}", spent, right)
    curves = []
    for seed in range(seeds):
        replay = Replay(columns, classes, cost, ChallengeRules(), np.random.default_rng(seed), every=every)
        curves.append(replay.run([round(share * full) for share in SHARES], gold))
    for share in SHARES:
        reached = [curve[round(share * full)] for curve in curves if round(share * full) in curve]
        if len(reached) == seeds:
            row("default rules and priority", [share], reached)
    ends = [list(curve.items())[-1] for curve in curves]
    row("the same, until nothing is asked for", [used / full for used, _ in ends], [r for _, r in ends])


def row(what: str, spent: Sequence[float], right: Sequence[float]) -> None:
    print(f"| {what} | {np.mean(spent):.0%} | {np.mean(right):.3f} | {min(right):.3f} |", flush=True)


if __name__ == "__main__":
    main()
