"""Scales, ticks and shapes: everything stays inside its frame, and values land where they belong."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from btm.services.views_machines import BinView, CurvePoint, FigureView, MatrixView, ScoreBar, TermView
from btm.web import charts

SHARES = st.floats(0, 1)
COUNTS = st.integers(0, 10**7)


def bars_of(counts: list[tuple[int, int]]) -> list[ScoreBar]:
    width = 1 / len(counts)
    return [ScoreBar(i * width, (i + 1) * width, *pair) for i, pair in enumerate(counts)]


@pytest.mark.parametrize(("share", "count", "low", "high"), [(0.5, 100, 0.404, 0.596), (0.0, 1, 0.0, 0.793), (1.0, 10, 0.722, 1.0)])  # fmt: skip
def test_wilsons_interval(share, count, low, high):
    assert charts.wilson(share, count) == pytest.approx((low, high), abs=0.001)


@given(share=SHARES, count=st.integers(1, 10**9))
def test_an_interval_holds_its_share(share, count):
    low, high = charts.wilson(share, count)
    assert 0 <= low <= share + 1e-9
    assert share - 1e-9 <= high <= 1


@given(st.lists(st.tuples(SHARES, SHARES, st.integers(0, 10**6)), max_size=10))
def test_squares_stay_in_the_frame_and_empty_bins_are_left_out(rows):
    dots = charts.reliability([BinView(0, 1, count, said, so) for said, so, count in rows])
    assert len(dots) == sum(count > 0 for *_, count in rows)
    for dot in dots:
        assert charts.LEFT <= dot.x - dot.half <= dot.x + dot.half <= charts.RIGHT
        assert charts.TOP <= dot.y - dot.half <= dot.y + dot.half <= charts.BOTTOM
        assert dot.high_y <= dot.y + 0.1
        assert dot.y - 0.1 <= dot.low_y


@given(st.lists(st.tuples(COUNTS, COUNTS), min_size=1, max_size=20))
def test_bars_stay_in_the_frame_and_every_page_is_counted(counts):
    plot = charts.histogram(bars_of(counts))
    for bar in plot.bars:
        assert bar.x >= charts.LEFT
        assert bar.x + bar.width <= charts.RIGHT
        assert bar.y >= charts.TOP
        assert bar.y + bar.height <= charts.BOTTOM
    assert len(plot.bars) == sum(bool(count) for pair in counts for count in pair)
    assert plot.missed <= sum(true for true, _ in counts)
    assert all(charts.TOP <= tick.at <= charts.BOTTOM for tick in plot.ticks)


def test_solid_bars_are_those_on_the_wrong_side():
    plot = charts.histogram(bars_of([(3, 90), (40, 2)]))
    assert {(bar.kind, bar.is_wrong, bar.x < charts.across(0.5)) for bar in plot.bars} == {
        ("true", True, True), ("other", False, True), ("true", False, False), ("other", True, False),
    }  # fmt: skip
    assert (plot.missed, plot.false) == (3, 2)


@pytest.mark.parametrize(("most", "ticks"), [(0, ()), (1, (1,)), (7, (5, 1)), (420, (200, 20, 2)), (12_000, (10_000, 2000, 200))])  # fmt: skip
def test_ticks_are_round_and_apart(most, ticks):
    assert charts.root_ticks(most) == ticks


def test_a_curve_steps_and_marks_the_threshold_of_a_half():
    points = [CurvePoint(0.25, 1.0, 0.9), CurvePoint(0.5, 0.8, 0.5), CurvePoint(1.0, 0.4, 0.1)]
    plot = charts.curve(points, pages=10, true=4)
    assert plot is not None
    assert plot.half is not None
    assert plot.half[2].threshold == 0.5
    assert plot.base == 0.4
    assert plot.path.count("V") == plot.path.count("H") == 3
    assert plot.path.endswith(f"H{charts.across(1)}")


def test_there_is_no_curve_without_pages_and_no_mark_without_a_sure_page():
    assert charts.curve([], pages=10, true=0) is None
    plot = charts.curve([CurvePoint(1.0, 0.4, 0.1)], pages=10, true=4)
    assert plot is not None
    assert plot.half is None


@given(st.integers(0, 300), st.integers(2, 20))
def test_thinning_keeps_the_ends(count, most):
    points = [CurvePoint(i, i, i) for i in range(count)]
    kept = charts.thin(points, most)
    assert len(kept) == min(count, most)
    assert kept[:1] == tuple(points[:1])
    assert kept[-1:] == tuple(points[-1:])


def test_a_matrix_shades_by_the_share_of_its_row():
    rows = charts.matrix(MatrixView(("a", "b"), ((8, 0), (1, 999))))
    assert [[cell.step for cell in row] for row in rows] == [[8, 0], [1, 8]]
    assert [[cell.is_right for cell in row] for row in rows] == [[True, False], [False, True]]
    empty = charts.matrix(MatrixView(("a", "b"), ((0, 0), (0, 0))))
    assert {cell.step for row in empty for cell in row} == {0}


def test_bars_of_terms_are_relative_to_the_strongest():
    assert [
        length for _, length in charts.lengths([TermView("a", 4.0), TermView("b", 1.0), TermView("c", 0.0)])
    ] == [100, 25, 1]
    assert charts.lengths([]) == ()


def test_a_strip_is_for_what_has_an_end():
    figure = FigureView("auc", "AUC", 0.9, 0.85, 0.95, "high")
    strip = charts.strip(figure)
    assert strip is not None
    assert (strip.at, strip.low, strip.width) == (90, 85, 10)
    assert charts.strip(FigureView("auc", "AUC", None, None, None, "high")) is None
    assert charts.strip(FigureView("log_loss", "Log loss", 0.3, 0.2, 0.4, "low")) is None
    narrow = charts.strip(FigureView("auc", "AUC", 0.9, None, None, "high"))
    assert narrow is not None
    assert narrow.width == 0.6
