"""A cluster keeps its id when the finds are grouped anew."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifiers.clusters import match_ids


def grouped(*sizes: tuple[str, int]) -> dict[int, int]:
    """Finds 0, 1, 2, ... given labels in runs: ("4", 3) is three finds of label 4."""
    labels = [int(label) for label, count in sizes for _ in range(count)]
    return dict(enumerate(labels))


@pytest.mark.parametrize(
    ("old", "new", "ids"),
    [
        pytest.param(grouped(), grouped(("0", 3), ("1", 2)), {0: 9, 1: 10}, id="all new, larger first"),
        pytest.param(grouped(("4", 3), ("7", 2)), grouped(("1", 3), ("0", 2)), {1: 4, 0: 7}, id="renumbered"),
        pytest.param(grouped(("4", 10), ("7", 6)), grouped(("0", 16)), {0: 4}, id="a merger: the larger's"),
        pytest.param(
            grouped(("4", 10)), grouped(("0", 4), ("1", 6)), {1: 4, 0: 9}, id="a split: largest part"
        ),
        pytest.param(
            grouped(("4", 9), ("7", 1)), grouped(("0", 4), ("1", 6)), {1: 4, 0: 9}, id="not spread thin"
        ),
        pytest.param(grouped(("4", 3)), grouped(("0", 30)), {0: 4}, id="grown tenfold"),
        pytest.param(grouped(("-1", 5)), grouped(("0", 5)), {0: 9}, id="lone before"),
        pytest.param(grouped(("4", 5)), grouped(("-1", 5)), {}, id="dissolved"),
        pytest.param(
            grouped(("4", 20)), grouped(("-1", 19), ("0", 1)), {0: 9}, id="a sliver does not inherit"
        ),
    ],
)
def test_ids_are_kept_where_finds_stay_together(
    old: dict[int, int], new: dict[int, int], ids: dict[int, int]
) -> None:
    assert match_ids(old, new, 9) == ids


def test_an_id_that_exists_is_never_given_out_as_fresh() -> None:
    with pytest.raises(ValueError, match="cluster 9 exists"):
        match_ids({"a": 9}, {"a": 0}, 9)


labellings = st.dictionaries(st.integers(0, 30), st.integers(-1, 5), max_size=30)


@given(old=labellings, new=labellings)
def test_every_new_cluster_has_one_id_of_its_own(old: dict[int, int], new: dict[int, int]) -> None:
    ids = match_ids(old, new, 6)
    assert set(ids) == {label for label in new.values() if label >= 0}
    assert len(set(ids.values())) == len(ids)
    for label, each in ids.items():
        if each < 6:
            assert any(new[find] == label for find in new if old.get(find) == each)


@given(labels=labellings)
def test_grouping_anew_without_change_changes_no_id(labels: dict[int, int]) -> None:
    ids = match_ids(labels, labels, 6)
    assert ids == {label: label for label in Counter(labels.values()) if label >= 0}


@given(old=labellings, new=labellings)
def test_the_order_of_finds_does_not_matter(old: dict[int, int], new: dict[int, int]) -> None:
    turned = match_ids(dict(reversed(old.items())), dict(reversed(new.items())), 6)
    assert turned == match_ids(old, new, 6)
