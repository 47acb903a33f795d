"""Pictures of judges: everything stays inside its frame, and values land where they belong."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from btm.web import charts_judges as charts

NUMBERS = st.floats(-2, 2)
COUNTS = st.integers(2, 12).flatmap(
    lambda k: st.lists(st.lists(st.floats(0, 1e6), min_size=k, max_size=k), min_size=k, max_size=k)
)


@given(COUNTS)
def test_squares_fill_their_picture_and_do_not_leave_it(counts):
    squares = charts.squares(counts)
    assert len(squares) == len(counts) ** 2
    for square in squares:
        assert 0 <= square.x <= square.x + square.side <= charts.SIDE
        assert 0 <= square.y <= square.y + square.side <= charts.SIDE
        assert 0 <= square.shade <= 1
    assert sum(square.is_right for square in squares) == len(counts)


def test_there_is_no_picture_without_labels():
    assert charts.squares(()) == ()


def test_a_matrix_shades_by_the_share_of_its_row():
    rows = charts.matrix(((8.0, 0.0), (0.5, 499.5)))
    assert [[cell.step for cell in row] for row in rows] == [[8, 0], [1, 8]]
    assert [[cell.is_right for cell in row] for row in rows] == [[True, False], [False, True]]
    assert {cell.share for row in charts.matrix(((0.0, 0.0), (0.0, 0.0))) for cell in row} == {0.0}


def test_a_rare_mistake_is_seen_and_none_is_not():
    shades = [square.shade for square in charts.squares(((99.0, 1.0), (0.0, 10.0)))]
    assert shades[0] > 0.9
    assert shades[1] > 0.1
    assert shades[2] == 0


def test_a_matrix_in_words():
    counts = ((9.0, 1.0, 0.0), (2.0, 2.0, 4.0), (0.0, 0.0, 0.0))
    assert charts.right_shares(counts) == (0.9, 0.25, None)
    assert charts.worst(counts) == (1, 2, 0.5)
    assert charts.worst(((4.0, 0.0), (0.0, 3.0))) is None


@given(NUMBERS, st.none() | NUMBERS, st.none() | NUMBERS)
def test_a_strip_stays_on_its_line(value, low, high):
    strip = charts.strip(value, low, high)
    assert strip is not None
    assert 0 <= strip.at <= 100
    assert strip.low >= 0
    assert strip.low + strip.width <= 100.05 or strip.width == 0.6 or (low or value) > (high or value)


def test_a_strip_is_drawn_only_of_what_is_known():
    assert charts.strip(None, None, None) is None
    strip = charts.strip(0.5, 0.4, 0.7)
    assert strip is not None
    assert (strip.at, strip.low, strip.width) == (50, 40, 30)


@given(
    st.lists(
        st.tuples(st.integers(0, 60), st.integers(0, 10**6)), max_size=20, unique_by=lambda pair: pair[0]
    )
)
def test_columns_stand_in_their_frame_and_every_page_is_counted(per_item):
    columns = charts.columns(per_item)
    assert sum(column.pages for column in columns) == sum(pages for _, pages in per_item)
    assert len(columns) <= 10
    assert sum(column.is_marked for column in columns) == bool(columns)
    for column in columns:
        assert 0 <= column.x <= column.x + column.width <= charts.WIDTH
        assert 0 <= column.y <= column.y + column.height <= charts.FLOOR + 0.1
        assert bool(column.height) == bool(column.pages)


def test_columns_mark_the_median_and_gather_the_rest():
    columns = charts.columns(((2, 5), (3, 1), (4, 1), (9, 2)), most=3)
    assert [(column.judgements, column.pages, column.is_marked) for column in columns] == [(2, 5, True), (3, 1, False), (4, 3, False)]  # fmt: skip
    assert charts.columns(()) == ()


@pytest.mark.parametrize(
    ("alpha", "low", "meaning"),
    [(None, None, "unknown"), (0.9, 0.85, "reliable"), (0.8, None, "reliable"), (0.7, 0.6, "tentative"), (0.4, 0.3, "poor"),
     (0.1, -0.02, "chance"), (-0.2, None, "chance"), (0.7, -0.1, "chance")],
)  # fmt: skip
def test_what_agreement_allows(alpha, low, meaning):
    assert charts.agreement(alpha, low) == meaning


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.0, "0.0 s"), (8.44, "8.4 s"), (59.97, "1 min"), (80.0, "1 min 20 s"), (725.0, "12 min"), (3600 * 3.5, "3.5 hours"), (86400 * 2.1, "2.1 days")],
)  # fmt: skip
def test_lengths_of_time_are_read_easily(seconds, words):
    assert charts.span(seconds) == words


@pytest.mark.parametrize(("probability", "words"), [(0.00001, "p < 0.0001"), (0.00042, "p = 0.0004"), (0.0213, "p = 0.021"), (1.0, "p = 1.000")])  # fmt: skip
def test_probabilities_are_printed_short(probability, words):
    assert charts.odds(probability) == words
