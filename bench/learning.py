"""Does a machine get better by the errors found in it? `python bench/learning.py [--data DIR] [--only drugs]`, one core.

The game, simulated: the errors of a shipped machine among posts of look-alike communities (train split) are the finds, a
community is a cluster, and what it got right there are probes. Five machines are held against each other:

    shipped      as it is
    naive        the finds appended to its training data, and trained again
    learn        classifiers.learning.learn: the finds alone, options as they come
    candidate    classifiers.learning.train_candidate: probes too
    correction   classifiers.correction.train_correction, over the shipped machine as a black box

on errors of the shipped machine on new pages of the same communities (test split); with --unseen, on communities of which no page
was trained on (a third of them held out, several choices); and on natural traffic: the posts of the test split without
look-alikes, and real pages of hosts that no machine saw. --quick takes a quarter of the base, and for the shipped machine one that is trained
on that quarter: minutes instead of half an hour, for a first look.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import argparse
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[1]
sys.path[0] = str(ROOT)  # instead of this folder, whose files may have names of the standard library

from classifiers.correction import train_correction  # noqa: E402
from classifiers.evaluate import average_precision, calibration_error, log_loss  # noqa: E402
from classifiers.learning import Example, learn, train_candidate  # noqa: E402
from classifiers.machine import Machine, load_default  # noqa: E402
from classifiers.promotion import compare  # noqa: E402
from classifiers.text import PageClassifier  # noqa: E402
from classifiers.training_data import (  # noqa: E402
    TOPICS,
    not_about,
    read_posts,
    read_web,
    stitch,
    without_title,
)

NONE = "none"
WAYS = ("shipped", "naive", "learn", "candidate", "correction")


@dataclass
class Game:
    """One topic: base data, finds, probes, and what is held out."""

    topic: str
    shipped: Machine
    base: list[Example]
    finds: list[Example]
    probes: list[Example]
    new_pages: list[Example]
    natural: list[Example]
    web: list[Example]


def play(data: Path, topic: str, quick: bool = False) -> Game:
    """Set the game up. Finds and probes are of look-alike communities of this topic."""
    posts, looks, web = read_posts(data), read_posts(data, lookalikes=True), read_web(data)
    seen = without_title(not_about(topic, web.train))
    long = stitch(posts.train, seen, 2000, seed=0)

    def label(given: str) -> str:
        return topic if given == topic else NONE

    base = [Example(each.page, label(each.label)) for each in posts.train]
    base += [Example(each.page, NONE, each.source) for each in seen]
    base += [Example(each.page, label(each.label), weight=0.5) for each in long]
    if quick:
        base = base[::4]
    shipped = plain(base) if quick else load_default(topic)
    train = [each for each in looks.train if each.kind == f"lookalike-{topic}"]
    test = [each for each in looks.test if each.kind == f"lookalike-{topic}"]
    place = list(shipped.classes_).index(topic)
    wrong = shipped.predict_proba([each.page for each in train])[:, place] > 0.5
    return Game(
        topic,
        shipped,
        base,
        [Example(e.page, NONE, e.source, "corpus") for e, bad in zip(train, wrong, strict=True) if bad],
        [Example(e.page, NONE, e.source, "probe") for e, bad in zip(train, wrong, strict=True) if not bad],
        [Example(each.page, NONE, each.source, "corpus") for each in test],
        [Example(each.page, label(each.label)) for each in posts.test],
        [Example(each.page, NONE) for each in not_about(topic, web.test)],
    )


def plain(rows: list[Example]) -> Machine:
    """A machine as the shipped ones are trained."""
    machine = PageClassifier(C=10.0).fit(
        [each.page for each in rows], [each.label for each in rows], [each.weight for each in rows]
    )
    return machine.machine_


def naive(game: Game, finds: list[Example], probes: list[Example]) -> Machine:
    return plain([*game.base, *finds])


def learned(game: Game, finds: list[Example], probes: list[Example]) -> Machine:
    machine = learn(
        [each.page for each in game.base],
        [each.label for each in game.base],
        [each.page for each in finds],
        [each.label for each in finds],
        [each.group for each in finds],
        base_weights=[each.weight for each in game.base],
    ).machine_
    tell(machine.card)
    return machine


def tell(card: dict) -> None:
    print("   ", {key: value for key, value in card["learning"].items() if key != "tried"})


def candidate(game: Game, finds: list[Example], probes: list[Example]) -> Machine:
    machine = train_candidate(
        game.base, finds, probes, (game.topic, NONE), name=game.topic, version="", seed=0
    )
    tell(machine.card)
    return machine


def correction(game: Game, finds: list[Example], probes: list[Example]) -> Machine:
    return train_correction(game.shipped, game.base, finds, probes, name=game.topic)


TRAIN: dict[str, Callable[[Game, list[Example], list[Example]], Machine]] = {
    "shipped": lambda game, finds, probes: game.shipped,
    "naive": naive,
    "learn": learned,
    "candidate": candidate,
    "correction": correction,
}


def probability(machine: Machine, topic: str, examples: list[Example]) -> np.ndarray:
    table = machine.predict_proba([each.page for each in examples])
    return table[:, list(machine.classes_).index(topic)]


def cut(before: np.ndarray, after: np.ndarray, limit: float) -> str:
    """By which share errors over a limit became fewer, among all pages; and of how many."""
    had = int(np.sum(before > limit))
    return f"{1 - np.sum(after > limit) / max(had, 1):6.1%} of {had:3d}"


def on_natural(machine: Machine, game: Game) -> str:
    truth = np.array([each.label == game.topic for each in game.natural])
    told, web = probability(machine, game.topic, game.natural), probability(machine, game.topic, game.web)
    whole, everything = np.append(truth, np.zeros(len(web), bool)), np.append(told, web)
    return (
        f"AP {average_precision(truth, told):.4f}, wrong {np.mean((told > 0.5) != truth):.2%}, ECE {calibration_error(whole, everything):.4f}, "
        f"log loss {log_loss(whole, everything):.4f}, real pages flagged {np.mean(web > 0.5):.2%}"
    )


def seen_clusters(game: Game, ways: list[str]) -> None:
    before = probability(game.shipped, game.topic, game.new_pages)
    errors = [each for each, p in zip(game.new_pages, before, strict=True) if p > 0.5]
    by_cluster: dict[str, list[Example]] = {}
    for each in errors:
        by_cluster.setdefault(each.group, []).append(each)
    for way in ways:
        started = time.perf_counter()
        machine = TRAIN[way](game, game.finds, game.probes)
        took = time.perf_counter() - started
        after = probability(machine, game.topic, game.new_pages)
        print(
            f"{game.topic:9s} {way:10s} same communities, new pages: errors cut {cut(before, after, 0.5)}, severe cut "
            f"{cut(before, after, 0.9)}; natural: {on_natural(machine, game)}; trained in {took:.0f} s",
            flush=True,
        )
        if way != "shipped":
            report = compare(
                game.shipped,
                machine,
                [*game.natural, *game.web],
                game.new_pages,
                by_cluster,
                (game.topic, NONE),
                1 - np.eye(2),
                rng=np.random.default_rng(0),
            )
            print(f"    {report.recommendation}: {' '.join(report.reasons)}")
            for name in ("average_precision", "cost", "calibration", "log_loss"):
                print(f"    natural {name}: {report.natural.measures[name]}")
            for each in report.clusters:
                print(
                    f"    {each.name:22s} {each.size:3d} wrong {each.wrong_before:.0%} -> {each.wrong_after:.0%} {each.status}"
                )


def unseen_clusters(game: Game, ways: list[str], choices: int) -> None:
    """A third of the communities held out with all their pages, train split and test split; several choices of them."""
    everything = [*game.finds, *game.probes, *game.new_pages]
    names = np.unique([each.group for each in everything])
    cuts: dict[str, list[tuple[float, float]]] = {way: [] for way in ways}
    for choice in range(choices):
        hidden = set(np.random.default_rng(choice).permutation(names)[::3].tolist())
        out = [each for each in everything if each.group in hidden]
        before = probability(game.shipped, game.topic, out)
        print(f"{game.topic:9s} held out: {', '.join(sorted(hidden))}")
        for way in ways:
            kept = [[e for e in each if e.group not in hidden] for each in (game.finds, game.probes)]
            machine = TRAIN[way](game, *kept)
            after = probability(machine, game.topic, out)
            cuts[way].append(tuple(1 - np.sum(after > x) / max(np.sum(before > x), 1) for x in (0.5, 0.9)))
            print(
                f"{game.topic:9s} {way:10s} unseen communities: errors cut {cut(before, after, 0.5)}, severe cut "
                f"{cut(before, after, 0.9)}; natural: {on_natural(machine, game)}",
                flush=True,
            )
    for way in ways:
        errors, severe = np.mean(cuts[way], axis=0)
        print(
            f"{game.topic:9s} {way:10s} mean of {choices} choices: errors cut {errors:.1%}, severe cut {severe:.1%}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    default = os.environ.get("BTM_TEST_DATA", str(ROOT.parent / "shared" / "data"))
    parser.add_argument("--data", type=Path, default=Path(default))
    parser.add_argument("--only", nargs="*", choices=TOPICS, default=list(TOPICS))
    parser.add_argument("--ways", nargs="*", choices=WAYS, default=list(WAYS))
    parser.add_argument(
        "--unseen",
        type=int,
        default=0,
        metavar="N",
        help="also hold out whole communities, N choices of them",
    )
    parser.add_argument("--quick", action="store_true", help="a quarter of the base")
    options = parser.parse_args()
    for topic in options.only:
        game = play(options.data, topic, options.quick)
        print(f"{topic}: {len(game.base):,} base pages, {len(game.finds)} finds, {len(game.probes)} probes")
        seen_clusters(game, options.ways)
        if options.unseen:
            unseen_clusters(game, options.ways, options.unseen)


if __name__ == "__main__":
    main()
