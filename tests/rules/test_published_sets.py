"""Plain Dawid-Skene is as right as others have published, on their sets.

Figures: D. Ustalov, N. Pavlichenko and B. Tseitlin, "Learning from crowds with Crowd-Kit", Journal of Open Source Software
9(96), 6227 (2024), the table of categorical methods, rows DS and MV; adult is its S_Adult. The figure for RTE (R. Snow et al.,
EMNLP 2008) came with the data.
"""

from __future__ import annotations

import csv
import os
from pathlib import Path

import pytest

from btm.rules.aggregation import MajorityVote
from btm.rules.dawid_skene import DawidSkene

from .crowd import Columns, accuracy, crowd

PUBLISHED = {"d_jn-product": (0.940, 0.897), "d_sentiment": (0.960, 0.932), "s4_Relevance": (0.615, 0.536)}
"""By folder: Dawid-Skene, majority."""


def survey(name: str) -> tuple[Columns, dict[str, str]]:
    """(workers, items, labels) and gold of a set of the truth inference survey (Zheng et al., PVLDB 2017): a folder with
    answer.csv (or label.csv) of item,worker,label and truth.csv of item,label, each under a row of names."""
    root = os.environ.get("BTM_TEST_CROWD")
    if not root:
        pytest.skip(
            "these sets come without a licence, so they are not kept here: name a folder that has them in BTM_TEST_CROWD"
        )
    folder = Path(root) / name
    answers = next((file for file in (folder / "answer.csv", folder / "label.csv") if file.exists()), None)
    if answers is None:
        pytest.skip(f"there is no answer.csv or label.csv in {folder}")
    items, workers, labels = (list(column) for column in zip(*_rows(answers), strict=True))
    return (workers, items, labels), {row[0]: row[1] for row in _rows(folder / "truth.csv")}


def _rows(file: Path) -> list[list[str]]:
    with file.open(newline="") as lines:
        _, *rows = csv.reader(lines)
    return [row for row in rows if row]


@pytest.mark.data
@pytest.mark.parametrize(("name", "published"), [("rte", 0.9275), ("adult", 0.748)])
def test_the_sets_at_hand(name: str, published: float) -> None:
    columns, gold = crowd(name)
    assert accuracy(DawidSkene(prior_strength=0).fit(*columns), gold) == pytest.approx(published, abs=0.01)


@pytest.mark.data
def test_adult_is_the_set_that_was_published() -> None:
    columns, gold = crowd("adult")
    assert accuracy(MajorityVote().fit(*columns), gold) == pytest.approx(0.763, abs=0.001)


@pytest.mark.data
@pytest.mark.parametrize("name", PUBLISHED)
def test_the_sets_that_come_without_a_licence(name: str) -> None:
    columns, gold = survey(name)
    published, majority = PUBLISHED[name]
    assert accuracy(DawidSkene(prior_strength=0).fit(*columns), gold) == pytest.approx(published, abs=0.01)
    assert accuracy(MajorityVote().fit(*columns), gold) == pytest.approx(majority, abs=0.01)


def test_the_folder_of_a_set_is_read_as_the_survey_lays_it_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "toy").mkdir()
    (tmp_path / "toy" / "answer.csv").write_text("question,worker,answer\np,a,1\np,b,0\nq,a,1\n")
    (tmp_path / "toy" / "truth.csv").write_text("question,truth\np,1\n")
    monkeypatch.setenv("BTM_TEST_CROWD", str(tmp_path))
    assert survey("toy") == ((["a", "b", "a"], ["p", "p", "q"], ["1", "0", "1"]), {"p": "1"})
