"""The known-unknowns model: what makes an error foreseeable, at once, and what does not."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifiers.machine import Page
from classifiers.novelty import LONGEST_ROW, SETTINGS, KnownUnknowns, vectorise

TREES = [
    "The old maple in our garden lost its leaves early, should I prune the lower branches this autumn?",
    "Planting oak seedlings along the fence: how deep must the roots go, and how much water do saplings need?",
    "A guide to grafting apple trees in spring, with a sharp knife, wax, and scions from a healthy branch",
]
OTHER = [
    "Quarterly results of the shipping company beat the forecast, and its shares rose by four per cent",
    "How to set up a printer on your home network when the driver cannot be found",
    "The museum shows portraits by three painters of the harbour district until the end of the month",
    "Our support team answers within one working day. Read the terms of service before you order.",
]
UNSEEN_TREE = (
    "When is the right time to prune a maple tree, and which branches must stay for its leaves to return?"
)


def test_nothing_is_foreseeable_before_anything_was_judged() -> None:
    model = KnownUnknowns()
    assert model.foreseeable([*TREES, ""]).tolist() == [0, 0, 0, 0]
    assert model.neighbours(TREES) == [[], [], []]
    assert model.foreseeable([]).shape == (0,)


def test_the_first_similar_find_counts_at_once() -> None:
    model = KnownUnknowns()
    before = model.foreseeable([UNSEEN_TREE])[0]
    model.partial_fit(TREES[:1], [True])
    assert model.foreseeable([UNSEEN_TREE])[0] > before + 0.1


def test_a_near_copy_of_a_known_error_is_foreseen_almost_surely() -> None:
    model = KnownUnknowns().partial_fit(TREES, [True] * 3)
    copy = TREES[1].replace("along the fence", "beside the wall") + " Thank you."
    assert model.foreseeable([TREES[1], copy]).min() > 0.95


def test_pages_about_other_things_stay_new() -> None:
    model = KnownUnknowns().partial_fit(TREES, [True] * 3)
    assert model.foreseeable(OTHER).max() < 0.15


def test_long_pages_are_not_foreseen_for_their_length() -> None:
    model = KnownUnknowns().partial_fit([" ".join(OTHER[:2] * 20)], [True])
    assert model.foreseeable([" ".join(OTHER[2:] * 20)])[0] < 0.25


def test_probes_that_were_no_errors_make_an_error_less_foreseeable() -> None:
    alone = KnownUnknowns().partial_fit(TREES[:1], [True])
    doubted = KnownUnknowns().partial_fit([TREES[0], UNSEEN_TREE], [True, False])
    page = [UNSEEN_TREE.replace("right", "best")]
    assert doubted.foreseeable(page)[0] < alone.foreseeable(page)[0] / 2


def test_probes_that_were_no_errors_foresee_nothing() -> None:
    assert KnownUnknowns().partial_fit(TREES, [False] * 3).foreseeable(TREES).max() < 0.01


def test_a_judgement_that_was_overturned_counts_anew() -> None:
    model = KnownUnknowns().partial_fit(TREES, [True] * 3, ids=["a", "b", "c"])
    model.partial_fit(TREES[:1], [False], ids=["a"])
    assert len(model) == 3
    assert model.foreseeable(TREES[:1])[0] < 0.05
    assert model.neighbours([TREES[1]])[0][0].id == "b"


def test_neighbours_are_known_errors_nearest_first_with_the_ids_given() -> None:
    model = KnownUnknowns().partial_fit([*TREES, OTHER[0]], [True, True, False, True], ids=[11, 22, 33, 44])
    found = model.neighbours([TREES[0], "zzzz qqqq"], k=2)
    assert found[0][0] == (11, pytest.approx(1.0, abs=1e-5))
    assert found[0][0].similarity > found[0][1].similarity > 0
    assert 33 not in [each.id for each in found[0]]
    assert found[1] == []


def test_without_ids_probes_are_numbered_as_they_came() -> None:
    model = KnownUnknowns().partial_fit(TREES[:2], [True, True]).partial_fit(TREES[2:], [True])
    assert model.neighbours([TREES[2]], k=1)[0][0].id == 2


def test_rows_may_stand_for_pages() -> None:
    rows = vectorise([*TREES, UNSEEN_TREE])
    kept = KnownUnknowns().partial_fit(rows[:3], [True] * 3)
    direct = KnownUnknowns().partial_fit(TREES, [True] * 3)
    assert kept.foreseeable(rows[3])[0] == pytest.approx(direct.foreseeable([UNSEEN_TREE])[0])


def test_a_page_s_title_counts() -> None:
    model = KnownUnknowns().partial_fit(TREES, [True] * 3)
    titled = Page(title=TREES[0], text="Published today.")
    assert model.foreseeable([titled])[0] > 0.8


def test_rows_are_short_and_of_length_one() -> None:
    rows = vectorise(
        ["".join(chr(97 + (i * j) % 26) for j in range(9)) + " " for i in range(400)] + [" ".join(OTHER)]
    )
    assert rows.shape == (401, SETTINGS.columns)
    long = vectorise([" ".join(f"word{i}thing{i * 7}" for i in range(900)), ""])
    assert long[0].nnz == LONGEST_ROW
    assert long[1].nnz == 0
    assert np.sqrt(long[0].multiply(long[0]).sum()) == pytest.approx(1, abs=1e-5)


def test_lengths_that_differ_are_refused() -> None:
    with pytest.raises(ValueError, match="3 pages, 1 judgements"):
        KnownUnknowns().partial_fit(TREES, [True])
    with pytest.raises(ValueError, match="twice"):
        KnownUnknowns().partial_fit(TREES[:2], [True, True], ids=[1, 1])


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 6), st.booleans()), max_size=12), st.integers(0, 6))
def test_one_more_known_error_never_makes_a_page_less_foreseeable(
    probes: list[tuple[int, bool]], page: int
) -> None:
    texts = [*TREES, *OTHER]
    model = KnownUnknowns()
    for number, (text, wrong) in enumerate(probes):
        model.partial_fit([texts[text]], [wrong], ids=[number])
    before = model.foreseeable([texts[page]])[0]
    after = model.partial_fit([TREES[0]], [True]).foreseeable([texts[page]])[0]
    assert 0 <= before <= after + 1e-9 <= 1 + 1e-9
