from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from btm.rules.design import Design, Label
from btm.rules.edits import merge_changes
from btm.rules.read_design import read_design
from btm.services.list_starters import list_starters, read_starter
from btm.web import design_forms

WHOLE = {"lists": " ".join(design_forms.ROWS), "has_target": "1", "has_harmful": "1"}


def sent_back(design: Design) -> Design:
    """What becomes of a design whose forms are all saved as they are."""
    changes, faults = design_forms.read_changes(
        design_forms.compacted({**design_forms.typed_of(design), **WHOLE}), design
    )
    assert not faults
    return read_design(merge_changes(design, changes))


@pytest.mark.parametrize("name", [each.name for each in list_starters()])
def test_a_form_that_is_saved_as_it_is_changes_nothing(name: str) -> None:
    design = read_starter(name)
    assert sent_back(design) == design


@given(
    st.lists(st.floats(0, 1_000_000), min_size=2, max_size=2),
    st.integers(0, 10**12),
    st.floats(0.1, 10),
    st.sampled_from(["", "a", "b"]),
)
def test_numbers_come_back_to_the_last_digit(
    cells: list[float], budget: int, sharpness: float, target: str
) -> None:
    design = Design(labels=(Label("a", "A"), Label("b", "B")), target=target, budget=budget)
    design = replace(
        design, cost=((0.0, cells[0]), (cells[1], 0.0)), rules=replace(design.rules, sharpness=sharpness)
    )
    assert sent_back(design) == design


@pytest.mark.parametrize(
    ("typed", "number"),
    [("500000", 500_000), ("500,000", 500_000), ("1.000.000", 1_000_000), (" 2 000 ", 2000), ("0", 0)],
)
def test_whole_numbers_may_be_written_as_people_do(typed: str, number: int) -> None:
    assert design_forms.read_changes({"budget": typed}, Design()) == ({"budget": number}, {})


@pytest.mark.parametrize("typed", ["", "-1", "1.5", "much", "1,00,0", "9" * 40, "\u0661"])
def test_what_is_no_whole_number_is_told(typed: str) -> None:
    assert "budget" in design_forms.read_changes({"budget": typed}, Design())[1]


def test_labels_without_a_key_get_one_that_is_free() -> None:
    typed = {"lists": "labels", "labels.0.key": "spam", "labels.1.name": "Spam", "labels.2.name": "\u0416"}
    changes, _ = design_forms.read_changes(design_forms.compacted(typed), Design())
    assert [row["key"] for row in changes["labels"]] == ["spam", "spam-2", "label-3"]


def test_names_that_are_no_row_of_a_list_are_left_alone() -> None:
    typed = {
        "labels.x.key": "a",
        "labels.1.nothing": "b",
        "labels.1.key.more": "c",
        "labels.12345678.key": "d",
    }
    assert design_forms.compacted(typed) == typed
    assert design_forms.read_changes({**typed, "lists": "labels"}, Design())[0]["labels"] == []
