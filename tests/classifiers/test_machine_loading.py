"""Machines from the disk: the shipped ones, and every file that must be refused with a sentence that says why."""

from __future__ import annotations

import hashlib
import json
import pickle
import shutil
from pathlib import Path

import numpy as np
import pytest
from machine_fakes import BOATS, fitted

from classifiers.artifact import read_artifact
from classifiers.linear import load_linear
from classifiers.machine import (
    Checked,
    Machine,
    MachineMisbehaved,
    MachineNotFound,
    MachineRefused,
    MachineUnavailable,
    check_probabilities,
    default_names,
    load,
    load_default,
    score_all,
    warm_up,
)


class Bomb:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (pytest.fail, ("code ran",))


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("machines") / "boats"
    fitted().save(folder, name="boats")
    return folder


@pytest.fixture
def folder(saved: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(saved, tmp_path / "boats"))


def reseal(folder: Path) -> None:
    """Make the manifest agree with the files again, as somebody who means harm would."""
    manifest = {}
    for path in folder.iterdir():
        if path.suffix in (".npy", ".json") and path.name != "manifest.json":
            data = path.read_bytes()
            manifest[path.name] = {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    (folder / "manifest.json").write_text(json.dumps(manifest))


def edit(folder: Path, **changes: object) -> None:
    settings = json.loads((folder / "machine.json").read_text())
    (folder / "machine.json").write_text(json.dumps(settings | changes))
    reseal(folder)


def test_a_machine_follows_the_protocol(saved: Path) -> None:
    assert isinstance(load(saved), Machine)


def test_workers_map_the_weights_instead_of_copying_them(saved: Path) -> None:
    machine = load(saved)
    assert not machine.coef.flags.owndata
    assert not machine.coef.flags.writeable


def test_nothing_there_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(MachineNotFound, match="no machine at 'nowhere'"):
        load(tmp_path / "nowhere")


@pytest.mark.parametrize("name", ["model.pkl", "model.joblib", "model"])
def test_a_pickle_is_refused_and_not_run(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(pickle.dumps(Bomb()))
    with pytest.raises(MachineRefused, match=r"pickle.*runs whatever code"):
        load(tmp_path / name)


def test_a_pickle_inside_an_array_file_is_refused_and_not_run(folder: Path) -> None:
    np.save(folder / "coef.npy", np.array([Bomb()], dtype=object), allow_pickle=True)
    reseal(folder)
    with pytest.raises(MachineRefused, match="never loaded"):
        load(folder)


def test_a_pickle_under_an_array_s_name_is_refused_and_not_run(folder: Path) -> None:
    (folder / "coef.npy").write_bytes(pickle.dumps(Bomb()))
    reseal(folder)
    with pytest.raises(MachineRefused, match=r"coef\.npy"):
        load(folder)


def test_a_truncated_file_is_refused(folder: Path) -> None:
    data = (folder / "coef.npy").read_bytes()
    (folder / "coef.npy").write_bytes(data[: len(data) // 2])
    with pytest.raises(MachineRefused, match=r"coef\.npy is truncated"):
        load(folder)
    reseal(folder)
    with pytest.raises(MachineRefused, match=r"coef\.npy"):
        load(folder)


def test_one_changed_bit_is_refused(folder: Path) -> None:
    data = bytearray((folder / "coef.npy").read_bytes())
    data[-1] ^= 1
    (folder / "coef.npy").write_bytes(data)
    with pytest.raises(MachineRefused, match="changed or damaged"):
        load(folder)


def test_a_missing_file_is_refused(folder: Path) -> None:
    (folder / "idf.npy").unlink()
    with pytest.raises(MachineRefused, match="missing"):
        load(folder)
    reseal(folder)
    with pytest.raises(MachineRefused, match="idf"):
        load(folder)


@pytest.mark.parametrize("gone", ["manifest.json", "machine.json"])
def test_a_folder_without_its_papers_is_refused(folder: Path, gone: str) -> None:
    (folder / gone).unlink()
    with pytest.raises(MachineRefused, match=r"manifest|missing"):
        load(folder)


def test_a_manifest_cannot_point_outside(folder: Path) -> None:
    (folder / "manifest.json").write_text(json.dumps({"../other.npy": {"bytes": 1, "sha256": ""}}))
    with pytest.raises(MachineRefused, match="not understood"):
        load(folder)


def test_too_large_a_machine_is_refused_before_it_is_read(folder: Path) -> None:
    with pytest.raises(MachineRefused, match="at most 1,000 are allowed"):
        read_artifact(folder, size_cap=1000)
    with pytest.raises(MachineRefused, match="at most 1,000 are allowed"):
        load_linear(folder, size_cap=1000)


def test_nan_among_the_weights_is_refused(folder: Path) -> None:
    coef = np.load(folder / "coef.npy")
    coef[3] = np.nan
    np.save(folder / "coef.npy", coef)
    reseal(folder)
    with pytest.raises(MachineRefused, match="NaN"):
        load(folder)


def test_weights_in_a_wrong_shape_are_refused(folder: Path) -> None:
    np.save(folder / "coef.npy", np.zeros((8, 1)))
    reseal(folder)
    with pytest.raises(MachineRefused, match="shape"):
        load(folder)


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "torch"},
        {"classes": ["boats"]},
        {"classes": ["boats", "boats"]},
        {"classes": 3},
        {"calibration": [[0.0, 1.0]]},
        {"calibration": [[0.0, float("nan")], [0.0, 0.0]]},
        {"intercept": "none"},
        {"features": {"bits": 99}},
        {"features": {}},
    ],
)
def test_a_description_that_makes_no_sense_is_refused(folder: Path, changes: dict[str, object]) -> None:
    edit(folder, **changes)
    with pytest.raises(MachineRefused, match=r"\w+ \w+"):
        load(folder)


def test_json_that_is_none_is_refused(folder: Path) -> None:
    (folder / "machine.json").write_text("{")
    reseal(folder)
    with pytest.raises(MachineRefused, match="no readable JSON"):
        load(folder)


def test_the_shipped_machines_load_and_answer() -> None:
    assert default_names() == ("alcohol", "drugs", "gambling", "guns", "hate")
    for name in default_names():
        machine = load_default(name)
        assert load_default(name) is machine
        assert machine.name == name
        assert machine.classes_ in ((name, "none"), ("none", name))
        answer = check_probabilities(
            machine.predict_proba(["Opening hours of the town library, and how to renew a card online", ""]),
            2,
            2,
        )
        assert answer[0, machine.classes_.index("none")] > 0.5
        assert {"task", "data", "licence", "metrics", "blind_spots", "thresholds"} <= set(machine.card)


def test_the_shipped_machines_know_their_topics() -> None:
    said = {
        "drugs": "How long does weed stay in your system after smoking it every day? Also took shrooms and LSD.",
        "alcohol": "My first homebrew: an imperial stout beer aged on bourbon oak, with dry hops",
        "guns": "New Glock 19 pistol and an AR-15 rifle at the range, which 9mm ammo do you carry?",
        "gambling": "Called a river shove with pocket aces in a cash game, what would you do in this poker hand?",
    }
    for name, text in said.items():
        machine = load_default(name)
        assert machine.predict([text]) == [name]
        assert machine.predict(["Tips for painting a wooden garden fence"]) == ["none"]


def test_the_shipped_machines_stay_small() -> None:
    folder = Path(load.__code__.co_filename).parent / "defaults"
    assert sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) < 25 * 1024 * 1024


def test_warming_up_loads_every_shipped_machine_once() -> None:
    warm_up()
    assert load_default.cache_info().currsize == len(default_names())


def test_an_unknown_default_names_the_known_ones() -> None:
    with pytest.raises(MachineNotFound, match="drugs"):
        load_default("weather")
    with pytest.raises(MachineNotFound, match="shipped"):
        load_default("../defaults/drugs")


def test_scoring_all_at_once_gives_what_each_gives_alone() -> None:
    machines = [load_default("drugs"), Checked(load_default("guns"))]
    together = score_all(machines, BOATS)
    for machine in machines:
        assert np.allclose(together[machine.name], machine.predict_proba(BOATS), rtol=1e-12)


class Fake:
    name, version = "fake", "1"
    classes_ = ("boats", "bread")
    card: dict[str, object] = {}

    def __init__(self, answer: object) -> None:
        self.answer = answer

    def predict_proba(self, pages: object) -> np.ndarray:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ([[0.5, 0.5, 0.0]], "shape"),
        ([0.5, 0.5], "shape"),
        ([[0.5, 0.5], [0.5, 0.5]], "shape"),
        ([[float("nan"), 0.5]], "NaN"),
        ([[float("inf"), 0.5]], "infinity"),
        ([[1.5, -0.5]], "negative"),
        ([[0.9, 0.9]], "sum to 1"),
        ([["much", "little"]], "numbers"),
        ([[0.5], [0.5, 0.1]], "numbers"),
        (None, "shape"),
        (ZeroDivisionError("secret"), "ZeroDivisionError"),
    ],
)
def test_an_answer_that_is_no_probability_has_a_name(answer: object, why: str) -> None:
    with pytest.raises(MachineMisbehaved, match=why) as caught:
        Checked(Fake(answer)).predict_proba(["boat"])
    assert "secret" not in str(caught.value)


def test_a_good_answer_is_made_to_sum_to_exactly_one() -> None:
    answer = Checked(Fake(np.array([[0.2, 0.8004]], np.float32))).predict_proba(["boat"])
    assert answer.sum() == pytest.approx(1, abs=1e-12)
    assert answer.dtype == np.float64


def test_being_unavailable_is_passed_on_as_it_is() -> None:
    with pytest.raises(MachineUnavailable) as caught:
        Checked(Fake(MachineUnavailable("resting", 7))).predict_proba(["boat"])
    assert caught.value.retry_after == 7
