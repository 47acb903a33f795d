"""A correction layer over a black box: known holes close, and of what it knows nothing it changes nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from learning_fakes import LABELS, OPTIONS, base, corpus

from classifiers.correction import CorrectedMachine, load_corrected, train_correction
from classifiers.errors import MachineMisbehaved, MachineNotFound, MachineRefused
from classifiers.learning import Example
from classifiers.machine import Machine
from classifiers.page import Page, as_page


class BlackBox:
    """Sure of a boat wherever one of a few words stands; nothing in it can be trained."""

    name: str = "box"
    card: Mapping[str, Any] = {}

    def __init__(self, version: str = "7", classes: tuple[str, ...] = LABELS) -> None:
        self.version = version
        self.classes_ = classes

    def predict_proba(self, pages: Sequence[Page | str]) -> np.ndarray:
        words = [set(as_page(page).text.split()) for page in pages]
        boats = np.array([0.97 if each & {"sail", "mast", "captain", "keel"} else 0.04 for each in words])
        rest = len(self.classes_) - 1
        return np.column_stack([boats, *[(1 - boats) / rest] * rest])


class Silent(BlackBox):
    def predict_proba(self, pages: Sequence[Page | str]) -> np.ndarray:
        return np.full((len(pages), 2), np.nan)


@pytest.fixture(scope="module")
def layer() -> CorrectedMachine:
    return train_correction(BlackBox(), base(), corpus(), [], name="box+", settings=OPTIONS.settings)


def boats(machine: Machine, examples: list[Example]) -> np.ndarray:
    return machine.predict_proba([each.page for each in examples])[:, 0]


def test_it_is_a_machine_of_the_same_labels(layer: CorrectedMachine) -> None:
    assert isinstance(layer, Machine)
    assert layer.classes_ == LABELS
    assert layer.predict_proba(["a sail", ""]).sum(axis=1) == pytest.approx(1)
    assert layer.predict_proba([]).shape == (0, 2)


def test_known_holes_close_on_new_pages(layer: CorrectedMachine) -> None:
    fresh = corpus(seed=9)
    assert np.mean(boats(BlackBox(), fresh) > 0.9) == 1
    assert np.mean(boats(layer, fresh) > 0.5) < 0.15


def test_ordinary_pages_keep_the_answers_of_the_black_box(layer: CorrectedMachine) -> None:
    natural = base(300, seed=8)
    moved = np.abs(boats(layer, natural) - boats(BlackBox(), natural))
    assert moved.mean() < 0.04
    assert np.mean((boats(layer, natural) > 0.5) == (boats(BlackBox(), natural) > 0.5)) > 0.97


def test_of_a_page_of_unknown_words_the_answer_stands(layer: CorrectedMachine) -> None:
    strange = ["quorum zephyr jukebox", "", "keel"]
    kept = layer.machine.predict_proba(strange)
    assert layer.predict_proba(strange)[:2] == pytest.approx(kept[:2], abs=0.01)
    assert (layer.predict_proba(strange)[2] > 0.5).tolist() == [True, False]


def test_probes_that_were_right_stay_right() -> None:
    probes = [Example(f"sail kite mast keel rudder {n}", "boats", "kiteboats", "probe") for n in range(20)]
    layer = train_correction(BlackBox(), base(), corpus(), probes, name="b", settings=OPTIONS.settings)
    assert (boats(layer, probes) > 0.5).all()


def test_three_labels_are_corrected_too() -> None:
    box = BlackBox(classes=("boats", "mills", "none"))
    layer = train_correction(box, base(), corpus(), [], name="b", settings=OPTIONS.settings)
    assert layer.coef.shape[1] == 3
    told = layer.predict_proba([each.page for each in corpus(seed=9)])
    assert told.sum(axis=1) == pytest.approx(1)
    assert np.mean(told[:, 0] < 0.5) > 0.85


def test_it_is_saved_and_loaded_on_the_machine_that_it_was_made_for(
    layer: CorrectedMachine, tmp_path: Path
) -> None:
    saved = layer.save(tmp_path / "layer")
    assert len(saved.version) == 12
    assert saved.version == layer.save(tmp_path / "twin").version
    loaded = load_corrected(tmp_path / "layer", BlackBox())
    fresh = corpus(seed=9)
    assert boats(loaded, fresh) == pytest.approx(boats(layer, fresh), abs=0.01)
    assert loaded.card["correction"]["finds"] == 60


@pytest.mark.parametrize("box", [BlackBox("8"), BlackBox(classes=("boats", "bread"))])
def test_another_machine_is_refused(layer: CorrectedMachine, tmp_path: Path, box: BlackBox) -> None:
    layer.save(tmp_path / "layer")
    with pytest.raises(MachineRefused, match="made for box 7"):
        load_corrected(tmp_path / "layer", box)


def test_damage_is_refused(layer: CorrectedMachine, tmp_path: Path) -> None:
    layer.save(tmp_path / "layer")
    with (tmp_path / "layer" / "coef.npy").open("r+b") as stream:
        stream.seek(200)
        stream.write(b"\x11\x22")
    with pytest.raises(MachineRefused, match=r"coef\.npy"):
        load_corrected(tmp_path / "layer", BlackBox())
    with pytest.raises(MachineNotFound):
        load_corrected(tmp_path / "nothing", BlackBox())


def test_what_cannot_be_corrected_is_said() -> None:
    with pytest.raises(ValueError, match="no verified errors"):
        train_correction(BlackBox(), base(), [], [], name="b")
    with pytest.raises(ValueError, match="'trains' is no label"):
        train_correction(BlackBox(), base(), [Example("x", "trains", "", "corpus")], [], name="b")
    with pytest.raises(MachineMisbehaved):
        train_correction(Silent(), base(), corpus(), [], name="b")
