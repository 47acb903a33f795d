"""Rebuild the shipped machines: `python -m classifiers.train_defaults --data DIR --out classifiers/defaults`.

The same data give the same files, byte for byte, with the same libraries on the same kind of processor.
Posts of look-alike communities are never trained on: they are what players find. The cards say how the machines
fare on them, and nothing was chosen by that.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifiers import model_cards
from classifiers.artifact import write_artifact
from classifiers.features import counts
from classifiers.linear import LinearMachine
from classifiers.novelty import SETTINGS, tfidf_rows
from classifiers.page import Page
from classifiers.text import PageClassifier
from classifiers.training_data import (
    TOPICS,
    Example,
    Split,
    not_about,
    plain,
    read_hate,
    read_posts,
    read_web,
    stitch,
    without_title,
)

NONE = "none"
_STITCHED, _STITCHED_WEIGHT = 2000, 0.5


@dataclass(frozen=True)
class Data:
    """Everything that is read, once."""

    posts: Split
    lookalikes: list[Example]
    hate: Split
    web: Split


def main(arguments: list[str] | None = None) -> None:
    """The command. Trains all five machines and the background, or those that are named by --only."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with posts/, pages/ and hate/")
    parser.add_argument("--out", type=Path, required=True, help="folder to write a folder a machine into")
    parser.add_argument("--only", nargs="*", choices=(*TOPICS, "hate", "background"), help="default: all")
    options = parser.parse_args(arguments)
    wanted = options.only or (*TOPICS, "hate", "background")
    looks = read_posts(options.data, lookalikes=True)
    data = Data(
        read_posts(options.data), [*looks.train, *looks.test], read_hate(options.data), read_web(options.data)
    )
    if "background" in wanted:
        write_background(data, options.out / "background")
    for topic in wanted:
        if topic in TOPICS:
            print(train_topic(topic, data, options.out / topic))
        elif topic == "hate":
            print(train_hate(data, options.out / topic))


def train_topic(topic: str, data: Data, folder: Path) -> str:
    """Train and save one topic's machine, and say how good it is."""
    posts = data.posts.train
    web = without_title(not_about(topic, data.web.train))
    machine = PageClassifier(C=10.0)
    examples = [*posts, *web, *stitch(posts, web, _STITCHED, seed=0)]
    threshold = _fit(machine, examples, topic)
    sets = {
        "posts": data.posts.test,
        "web": data.web.test,
        "long pages": stitch(data.posts.test, data.web.test, 1000, seed=1),
        "lookalikes": [each for each in data.lookalikes if each.kind == f"lookalike-{topic}"],
    }
    return _ship(machine, topic, sets, examples, threshold, folder)


def train_hate(data: Data, folder: Path) -> str:
    """Train and save the hate machine: hate against everything else, offensive language included."""
    posts = data.hate.train
    clean = [replace(each, page=Page(text=plain(each.page.text))) for each in posts]
    web = without_title(data.web.train)
    machine = PageClassifier(C=3.0)
    examples = [*posts, *web, *stitch(clean, web, _STITCHED, seed=0)]
    threshold = _fit(machine, examples, "hate")
    sets = {
        "posts": data.hate.test,
        "web": data.web.test,
        "long pages": stitch(data.hate.test, data.web.test, 1000, seed=1),
        "lookalikes": [],
    }
    return _ship(machine, "hate", sets, examples, threshold, folder)


def write_background(data: Data, folder: Path) -> None:
    """What is ordinary in the language, for `classifiers.novelty`: idf, and the mean row of ordinary posts."""
    posts = [each.page for each in data.posts.train]
    matrix = counts([*posts, *(each.page for each in data.web.train)], SETTINGS)
    frequency = np.bincount(matrix.indices, minlength=SETTINGS.columns)
    idf = np.log((1 + matrix.shape[0]) / (1 + frequency)).astype(np.float16)
    mean = np.asarray(tfidf_rows(matrix[: len(posts)], idf.astype(np.float32)).mean(axis=0)).ravel()
    settings = {"kind": "background-1", "texts": matrix.shape[0]}
    write_artifact(folder, settings, {"idf": idf, "mean": mean.astype(np.float16)}, {})


def _fit(machine: PageClassifier, examples: list[Example], topic: str) -> float:
    """Fit, and return the threshold with the best F1 of the topic on held-out folds of posts."""
    labels = [topic if each.label == topic else NONE for each in examples]
    weight = [_STITCHED_WEIGHT if each.kind == "stitched" else 1.0 for each in examples]
    machine.fit([each.page for each in examples], labels, weight)
    scores = machine.held_out_scores_
    if scores is None:
        return 0.5
    short = np.array([each.kind != "stitched" for each in examples])
    probability = machine.machine_.calibrate(scores)[:, list(machine.classes_).index(topic)]
    return _best_threshold(np.array(labels)[short] == topic, probability[short])


def _best_threshold(truth: NDArray[np.bool_], probability: NDArray[np.float64]) -> float:
    grid = np.linspace(0.05, 0.95, 91)
    hits = np.array([np.sum(truth & (probability >= each)) for each in grid])
    told = np.array([np.sum(probability >= each) for each in grid])
    return float(round(grid[np.argmax(2 * hits / (told + truth.sum()))], 2))


def _ship(
    machine: PageClassifier,
    topic: str,
    sets: dict[str, list[Example]],
    examples: list[Example],
    threshold: float,
    folder: Path,
) -> str:
    # Halved precision first, so that the card speaks of the machine that ships.
    shipped = machine.save(folder, name=topic)
    card: dict[str, Any] = model_cards.card(shipped, topic, sets, examples, threshold)
    named: LinearMachine = replace(shipped, card=card, coef=np.array(shipped.coef), idf=np.array(shipped.idf))
    named.save(folder, model_cards.readable(card))
    return model_cards.summary(card)


if __name__ == "__main__":
    main()
