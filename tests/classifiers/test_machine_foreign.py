"""Machines made elsewhere: import paths and skops files."""

from __future__ import annotations

import json
import pickle
import sys
import types
import zipfile
from pathlib import Path

import pytest
from machine_fakes import pages_and_labels
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from classifiers.foreign import EstimatorMachine, from_import_path, load_skops, page_text, skops_types
from classifiers.machine import Machine, MachineMisbehaved, MachineNotFound, MachineRefused, Page


@pytest.fixture
def module(monkeypatch: pytest.MonkeyPatch) -> types.ModuleType:
    made = types.ModuleType("somebodys_models")
    monkeypatch.setitem(sys.modules, "somebodys_models", made)
    made.pipeline = make_pipeline(TfidfVectorizer(), LogisticRegression()).fit(*pages_and_labels())
    made.build = lambda: made.pipeline
    made.unfitted = make_pipeline(TfidfVectorizer(), LogisticRegression())
    made.text = "no model"
    return made


@pytest.mark.parametrize("attribute", ["pipeline", "build"])
def test_any_estimator_over_strings_becomes_a_machine(module: types.ModuleType, attribute: str) -> None:
    machine = from_import_path(f"somebodys_models:{attribute}", name="theirs", version="7")
    assert isinstance(machine, Machine)
    assert (machine.name, machine.version, machine.classes_) == ("theirs", "7", ("boats", "bread"))
    page = Page(title="White boat", text="sailing", links=("bread",))
    assert machine.predict_proba([page, "rye bread"]).argmax(axis=1).tolist() == [0, 1]
    assert machine.predict_proba([]).shape == (0, 2)


@pytest.mark.parametrize(
    "path", ["", "somebodys_models", ":pipeline", "no_such_module:x", "somebodys_models:nothing"]
)
def test_a_path_that_leads_nowhere_is_not_found(module: types.ModuleType, path: str) -> None:
    with pytest.raises(MachineNotFound, match="import"):
        from_import_path(path)


@pytest.mark.parametrize(("attribute", "why"), [("unfitted", "fitted"), ("text", "predict_proba")])
def test_what_is_no_fitted_classifier_is_refused(module: types.ModuleType, attribute: str, why: str) -> None:
    with pytest.raises(MachineRefused, match=why):
        from_import_path(f"somebodys_models:{attribute}")


def test_an_estimator_s_odd_answer_has_a_name() -> None:
    class Odd:
        classes_ = ("a", "b")

        def predict_proba(self, texts: list[str]) -> list[list[float]]:
            return [[2.0, 3.0] for _ in texts]

    with pytest.raises(MachineMisbehaved, match="sum to 1"):
        EstimatorMachine(Odd(), name="odd").predict_proba(["x"])


def test_a_page_s_text_holds_its_title_and_headings_once_each() -> None:
    assert page_text(Page(title="T", headings=("A", "B"), text="body")) == "T\nA\nB\nbody"


def skops_file(path: Path, *types_named: tuple[str, str]) -> Path:
    children = [
        {"__module__": module, "__class__": name, "__loader__": "ObjectNode"} for module, name in types_named
    ]
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("schema.json", json.dumps({"content": children, "protocol": 2}))
    return path


def test_a_skops_file_with_an_untrusted_type_is_refused_by_name(tmp_path: Path) -> None:
    path = skops_file(tmp_path / "m.skops", ("sklearn.pipeline", "Pipeline"), ("subprocess", "Popen"))
    assert skops_types(path) == {"sklearn.pipeline.Pipeline", "subprocess.Popen"}
    with pytest.raises(MachineRefused, match=r"not trusted.*: subprocess\.Popen\."):
        load_skops(path)


def test_a_skops_file_of_trusted_types_needs_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "skops", None)
    monkeypatch.setitem(sys.modules, "skops.io", None)
    with pytest.raises(MachineRefused, match="Install skops, or train"):
        load_skops(skops_file(tmp_path / "m.skops", ("sklearn.pipeline", "Pipeline")))


def test_a_truncated_skops_file_is_refused(tmp_path: Path) -> None:
    path = skops_file(tmp_path / "m.skops", ("sklearn.pipeline", "Pipeline"))
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(MachineRefused, match="truncated or damaged"):
        load_skops(path)


def test_a_pickle_that_calls_itself_skops_is_refused(tmp_path: Path) -> None:
    (tmp_path / "m.skops").write_bytes(pickle.dumps({"a": 1}))
    with pytest.raises(MachineRefused, match="pickle"):
        load_skops(tmp_path / "m.skops")


def test_another_archive_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "m.zip", "w") as archive:
        archive.writestr("data.pkl", b"")
    with pytest.raises(MachineRefused, match=r"schema\.json"):
        load_skops(tmp_path / "m.zip")


def test_an_archive_that_would_fill_the_memory_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "m.skops", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("schema.json", " " * 100_000)
    with pytest.raises(MachineRefused, match="unpacks to 100,000"):
        load_skops(tmp_path / "m.skops", size_cap=5000)


def test_a_schema_that_is_no_json_is_refused(tmp_path: Path) -> None:
    for schema in ("{", "[" * 50_000):
        with zipfile.ZipFile(tmp_path / "m.skops", "w") as archive:
            archive.writestr("schema.json", schema)
        with pytest.raises(MachineRefused, match="cannot be read"):
            load_skops(tmp_path / "m.skops")


def test_no_file_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(MachineNotFound):
        load_skops(tmp_path / "m.skops")
