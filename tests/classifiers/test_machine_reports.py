from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import numpy as np
import pytest

from classifiers.errors import MachineError, MachineRefused
from classifiers.holdout import hold_out
from classifiers.machine import load
from classifiers.packing import pack, unpack
from classifiers.reporting import full_report
from classifiers.text import PageClassifier

TEXTS = [("oak garden river bread", "cheap prize offer winner")[n % 2] + f" word{n}" for n in range(40)]
LABELS = [("ham", "spam")[n % 2] for n in range(40)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("machine") / "toy"
    PageClassifier(bits=12).fit(TEXTS, LABELS).save(made, name="toy")
    return made


def test_a_pack_is_the_same_bytes_and_unpacks_to_the_same_machine(folder: Path, tmp_path: Path) -> None:
    packed = pack(folder)
    unpack(packed, tmp_path / "copy")
    unpack(packed, tmp_path / "copy")  # by another process at the same time
    copy = load(tmp_path / "copy")
    assert pack(tmp_path / "copy") == packed == pack(folder)
    assert np.array_equal(copy.predict_proba(TEXTS), load(folder).predict_proba(TEXTS))
    assert [path.name for path in tmp_path.iterdir()] == ["copy"]


def _zip(name: str, body: bytes, how: int = zipfile.ZIP_STORED) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", how) as archive:
        archive.writestr(
            zipfile.ZipInfo(name), body, how
        )  # of no date: the same bytes whenever they are made
    return made.getvalue()


@pytest.mark.parametrize(
    "packed",
    [
        b"", b"\x80\x04K.", b"PK\x03\x04", _zip("../evil.json", b"{}"), _zip("/etc/x.json", b"{}"), _zip("a/b.npy", b""),
        _zip("model.pkl", b"x"), _zip("coef.npy", b"0" * 10_000_000, zipfile.ZIP_DEFLATED),
    ],
    ids=("nothing", "pickle", "cut short", "above the folder", "at the root", "array in a folder", "pickle in a zip", "bomb"),
)  # fmt: skip
def test_what_is_no_pack_is_refused_and_leaves_nothing(packed: bytes, tmp_path: Path) -> None:
    with pytest.raises(MachineRefused):
        unpack(packed, tmp_path / "machine")
    assert list(tmp_path.iterdir()) == []


def test_a_changed_pack_is_refused_when_it_is_loaded(folder: Path, tmp_path: Path) -> None:
    unpack(pack(folder), tmp_path / "m")
    coef = bytearray((tmp_path / "m" / "coef.npy").read_bytes())
    coef[-1] ^= 1
    (tmp_path / "m" / "coef.npy").write_bytes(bytes(coef))
    unpacked = pack(tmp_path / "m")
    unpack(unpacked, tmp_path / "again")
    with pytest.raises(MachineError, match="SHA-256"):
        load(tmp_path / "again")
    with pytest.raises(MachineRefused, match="at most 1,000"):
        unpack(unpacked, tmp_path / "large", size_cap=1000)


def test_every_label_is_held_out_in_its_share_and_no_group_is_split() -> None:
    labels = ["a"] * 80 + ["b"] * 20
    groups = [f"g{n % 25}" for n in range(100)]
    held = hold_out(labels, groups)
    assert {g for g, out in zip(groups, held, strict=True) if out}.isdisjoint(
        g for g, out in zip(groups, held, strict=True) if not out
    )
    assert 10 <= held[:80].sum() <= 22
    assert 2 <= held[80:].sum() <= 6
    assert np.array_equal(held, hold_out(labels, groups))
    assert hold_out(labels)[80:].sum() == 4
    assert hold_out(labels, ["one"] * 100).sum() == 20, "one group only: page by page"
    with pytest.raises(ValueError, match="single page"):
        hold_out(["a", "a", "b"])


def test_a_report_of_three_labels_is_json_without_nan() -> None:
    random = np.random.default_rng(0)
    truth = random.choice(["a", "b", "c"], 300).tolist()
    table = random.dirichlet([1, 1, 1], 300)
    report = full_report(
        truth, table, ["a", "b", "c"], {"language": ["en"] * 270 + ["de"] * 30, "source": [""] * 300}
    )
    json.dumps(report, allow_nan=False)
    assert sum(map(sum, report["matrix"])) == 300
    assert [sum(row) for row in report["matrix"]] == [truth.count(label) for label in "abc"]
    one = report["labels"]["b"]
    assert sum(true + other for _, _, true, other in one["histogram"]) == 300
    assert len(one["curve"]) <= 200
    assert [point[0] for point in one["curve"]] == sorted(point[0] for point in one["curve"])
    assert set(one["groups"]["language"]) == {"en", "de"}
    assert one["groups"]["source"] == {}


def test_a_label_that_never_occurs_has_no_average_precision() -> None:
    report = full_report(["a"] * 5, np.full((5, 2), 0.5), ["a", "b"])
    assert report["labels"]["b"]["figures"]["average_precision"] == [None, None, None]
    assert report["labels"]["b"]["curve"] == []
    with pytest.raises(ValueError, match="no label"):
        full_report(["x"], np.array([[0.5, 0.5]]), ["a", "b"])
