"""The quality gate of learning: a machine, the errors found in it, and new pages, of the same communities and of others.

A quarter of the base data, so that it takes a minute; `bench/learning.py` measures the shipped machines on all of it.
Lowering a figure in FLOORS is a deliberate act: say why in the commit.
"""

from __future__ import annotations

import numpy as np
import pytest
from machine_fakes import data_folder

from classifiers.correction import train_correction
from classifiers.evaluate import average_precision, calibration_error
from classifiers.learning import Example, learn
from classifiers.machine import Machine
from classifiers.text import PageClassifier
from classifiers.training_data import Example as Read
from classifiers.training_data import Split, not_about, read_posts, read_web, without_title

FLOORS = {
    "drugs": {"severe_cut": 0.85, "error_cut": 0.65, "unseen_severe_cut": 0.35},
    "guns": {"error_cut": 0.55},
    "correction": {"severe_cut": 0.8},
}
AVERAGE_PRECISION_LOST = 0.003
CALIBRATION_ERROR = 0.025
NONE, PART = "none", 4
pytestmark = [pytest.mark.data, pytest.mark.timeout(600)]


class Data:
    """Posts, look-alike posts and real pages, read once."""

    def __init__(self) -> None:
        folder = data_folder()
        self.posts, self.web = read_posts(folder), read_web(folder)
        self.looks = read_posts(folder, lookalikes=True)


class World:
    """A quarter of the base data, a machine that was trained on it, and its errors among look-alikes of the train split.

    `choice`: which third of the communities is held out, as in the benchmark; none if None.
    """

    def __init__(self, data: Data, topic: str, choice: int | None = None) -> None:
        self.topic = topic
        rows = [*data.posts.train, *without_title(not_about(topic, data.web.train))][::PART]
        self.base = [Example(each.page, self.label(each)) for each in rows]
        pages, labels = [each.page for each in self.base], [each.label for each in self.base]
        self.before: Machine = PageClassifier(C=10.0).fit(pages, labels).machine_
        mine = _of_topic(data.looks, topic)
        names = np.unique([each.source for each in mine.train])
        hidden: set[str] = set()
        if choice is not None:
            hidden = set(np.random.default_rng(choice).permutation(names)[::3].tolist())
        train = [each for each in mine.train if each.source not in hidden]
        wrong = self.told(self.before, train) > 0.5
        self.finds = [
            Example(e.page, NONE, e.source, "corpus") for e, bad in zip(train, wrong, strict=True) if bad
        ]
        self.probes = [
            Example(e.page, NONE, e.source, "probe") for e, bad in zip(train, wrong, strict=True) if not bad
        ]
        self.seen = [each for each in mine.test if each.source not in hidden]
        self.unseen = [each for each in [*mine.train, *mine.test] if each.source in hidden]
        self.natural, self.web = data.posts.test[::2], not_about(topic, data.web.test)[::2]

    def learned(self) -> Machine:
        return learn(
            [each.page for each in self.base],
            [each.label for each in self.base],
            [each.page for each in self.finds],
            [each.label for each in self.finds],
            [each.group for each in self.finds],
        ).machine_

    def label(self, each: Read) -> str:
        return self.topic if each.label == self.topic else NONE

    def told(self, machine: Machine, examples: list[Read]) -> np.ndarray:
        table = machine.predict_proba([each.page for each in examples])
        return table[:, list(machine.classes_).index(self.topic)]

    def cut(self, machine: Machine, examples: list[Read], limit: float) -> float:
        """By which share errors over a limit became fewer."""
        before, after = self.told(self.before, examples), self.told(machine, examples)
        return float(1 - np.sum(after > limit) / np.sum(before > limit))

    def check_natural(self, machine: Machine) -> None:
        truth = np.array([each.label == self.topic for each in self.natural])
        was, now = self.told(self.before, self.natural), self.told(machine, self.natural)
        assert average_precision(truth, now) >= average_precision(truth, was) - AVERAGE_PRECISION_LOST
        assert calibration_error(truth, now) <= CALIBRATION_ERROR
        flagged = [np.mean(self.told(each, self.web) > 0.5) for each in (self.before, machine)]
        assert flagged[1] <= flagged[0]


def _of_topic(looks: Split, topic: str) -> Split:
    kind = f"lookalike-{topic}"
    return Split(
        [each for each in looks.train if each.kind == kind],
        [each for each in looks.test if each.kind == kind],
    )


@pytest.fixture(scope="module")
def data() -> Data:
    return Data()


@pytest.fixture(scope="module")
def drugs(data: Data) -> World:
    return World(data, "drugs", choice=1)


def test_errors_of_seen_and_of_unseen_communities_get_fewer_and_natural_traffic_does_not_suffer(
    drugs: World,
) -> None:
    machine, floor = drugs.learned(), FLOORS["drugs"]
    assert drugs.cut(machine, drugs.seen, 0.9) >= floor["severe_cut"]
    assert drugs.cut(machine, drugs.seen, 0.5) >= floor["error_cut"]
    assert drugs.cut(machine, drugs.unseen, 0.9) >= floor["unseen_severe_cut"]
    drugs.check_natural(machine)


def test_errors_of_a_machine_with_few_finds_get_fewer_too(data: Data) -> None:
    guns = World(data, "guns")
    machine = guns.learned()
    assert guns.cut(machine, guns.seen, 0.5) >= FLOORS["guns"]["error_cut"]
    guns.check_natural(machine)


def test_a_correction_layer_cuts_severe_errors_and_natural_traffic_does_not_suffer(drugs: World) -> None:
    machine = train_correction(drugs.before, drugs.base, drugs.finds, drugs.probes, name="drugs")
    assert drugs.cut(machine, drugs.seen, 0.9) >= FLOORS["correction"]["severe_cut"]
    drugs.check_natural(machine)
