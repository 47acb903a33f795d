"""The map of finds: what is alike lies together, and what lay somewhere stays there."""

from __future__ import annotations

import numpy as np
import pytest
from test_clusters import BREAD, CHESS, FINDS, TREES

from classifiers.map2d import join, layout
from classifiers.novelty import vectorise

ROWS = vectorise(FINDS)


def known(points: np.ndarray, count: int) -> dict[int, tuple[float, float]]:
    return {place: (float(points[place, 0]), float(points[place, 1])) for place in range(count)}


def test_the_nearest_point_on_the_map_is_nearly_always_of_the_same_cause() -> None:
    points = layout(ROWS, 0)
    apart = np.linalg.norm(points[:, None] - points[None], axis=2)
    np.fill_diagonal(apart, 9)
    assert np.mean(apart.argmin(axis=1) // 6 == np.arange(18) // 6) > 0.9


def test_positions_are_within_the_unit_square_and_the_same_for_a_seed() -> None:
    points = layout(ROWS, 3)
    assert points.shape == (18, 2)
    assert points.min() >= 0
    assert points.max() <= 1
    assert np.array_equal(points, layout(ROWS, 3))


def test_points_that_are_known_stay_when_a_few_are_added_and_the_new_go_to_their_like() -> None:
    points = layout(ROWS, 0)
    more = vectorise([*FINDS, "How do I prune the branches of an old oak in autumn?"])
    again = layout(more, 0, known(points, 18))
    assert np.array_equal(again[:18], points)
    centres = [points[start : start + 6].mean(axis=0) for start in (0, 6, 12)]
    assert int(np.argmin([np.linalg.norm(again[18] - centre) for centre in centres])) == 0


def test_a_map_made_anew_is_turned_to_lie_on_the_old_one() -> None:
    points = layout(ROWS, 0)
    half = [0, 1, 2, 6, 7, 8, 12, 13, 14]
    again = layout(ROWS, 1, {place: known(points, 18)[place] for place in half})
    before = points[half] - points[half].mean(axis=0)
    after = again[half] - again[half].mean(axis=0)
    assert np.sum(before * after) / np.linalg.norm(before) / np.linalg.norm(after) > 0.8


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 5])
def test_few_points_have_places_too(count: int) -> None:
    points = layout(vectorise([TREES[0], CHESS[0], BREAD[0], "", "zzz"][:count]), 0)
    assert points.shape == (count, 2)
    assert np.isfinite(points).all()


def test_copies_and_empty_pages_do_not_break_the_map() -> None:
    points = layout(vectorise([TREES[0]] * 20 + [""] * 3), 0)
    assert np.isfinite(points).all()
    assert points.min() >= 0
    assert points.max() <= 1


def test_previous_positions_of_rows_that_are_gone_are_not_looked_at() -> None:
    points = layout(ROWS, 0)
    assert layout(ROWS[:5], 0, known(points, 18)).tolist() == points[:5].tolist()


def test_a_point_that_joins_moves_nobody_however_few_there_are() -> None:
    rows = vectorise(
        ["a garden of oaks", "oaks in the garden", "a knee that hurts", "the garden and its oaks"]
    )
    known = {0: (0.2, 0.3), 1: (0.25, 0.3), 2: (0.9, 0.8)}
    joined = join(rows, known, 1)
    assert [tuple(xy) for xy in joined[:3].tolist()] == list(known.values())
    assert np.hypot(*(joined[3] - (0.22, 0.3))) < 0.1
    assert join(rows[:1], {}, 1).shape == (1, 2)
