"""Pictures of a corpus: everything stays inside its frame, names never cover each other, values land where they belong."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from btm.services.views_clusters import MapPoint, ShareView
from btm.web import charts_corpus as charts
from btm.web import charts_map

from . import samples_clusters as c

SHARES = st.floats(0, 1)
START = datetime(2026, 3, 2, tzinfo=UTC)
COUNTS = st.lists(st.tuples(st.integers(0, 400), st.integers(0, 400)), max_size=40).map(
    lambda rows: [
        (START + timedelta(days=7 * i), probes, min(probes, errors))
        for i, (probes, errors) in enumerate(rows)
    ]
)


@pytest.mark.parametrize(
    ("severity", "band"), [(0.0, 0), (0.249, 0), (0.25, 1), (0.5, 2), (0.749, 2), (0.75, 3), (1.0, 3)]
)
def test_a_severity_has_its_band(severity, band):
    assert charts.band(severity) == band


@given(st.lists(st.tuples(SHARES, SHARES, SHARES, SHARES), min_size=1, max_size=2))
def test_bars_stand_on_the_floor_inside_the_picture(arms):
    found = charts.bands([replace(c.PLAYERS, bands=each) for each in arms])
    assert len(found) == 4
    for band in found:
        for bar in band.bars:
            assert charts.LEFT <= bar.x <= bar.x + bar.width <= charts.RIGHT
            assert bar.y >= charts.TOP - 1
            assert bar.y + bar.height == pytest.approx(charts.FLOOR, abs=0.11)


def test_the_tallest_bar_fills_the_picture():
    bars = [bar for band in charts.bands([c.PLAYERS, c.INSPECTION]) for bar in band.bars]
    assert max(bars, key=lambda bar: bar.share).height == charts.TALL
    assert {bar.arm for bar in bars} == {0, 1}


@given(COUNTS)
def test_weeks_stay_inside_the_picture_and_in_order(weeks):
    line = charts.line(weeks)
    assert len(line.weeks) == sum(probes > 0 for _, probes, _ in weeks)
    assert [each.x for each in line.weeks] == sorted(each.x for each in line.weeks)
    for each in line.weeks:
        assert charts.LEFT <= each.x <= charts.RIGHT
        assert charts.TOP <= each.high_y <= each.y <= each.low_y <= charts.FLOOR


def test_a_week_without_probes_has_no_dot():
    assert [each.probes for each in charts.line(c.WEEKS).weeks] == [
        probes for _, probes, _ in c.WEEKS if probes
    ]
    assert charts.line(()).weeks == ()
    assert len(charts.line(c.WEEKS[:1]).labels) == 1


@given(st.lists(st.integers(0, 10_000), max_size=6))
def test_parts_fill_their_line_without_overlap(counts):
    end = 0.0
    for start, length, which in charts.parts(counts):
        assert start >= end - 1
        assert counts[which] > 0
        end = start + length
    assert end <= 101


@given(st.lists(st.integers(0, 500), max_size=90))
def test_columns_of_weeks_stay_inside(counts):
    found = charts.columns([(START + timedelta(days=7 * i), count) for i, count in enumerate(counts)])
    assert len(found) == min(60, len(counts))
    for x, y, width, height, _, count in found:
        assert 0 <= x <= x + width <= 200.1
        assert 0 <= y <= y + height <= 40.1
        assert (height > 0) == (count > 0)


@given(SHARES, SHARES, SHARES)
def test_a_strip_stays_on_its_line(low, value, high):
    low, value, high = sorted((low, value, high))
    strip = charts.strip(ShareView(value, low, high, 1, 2))
    assert 0 <= strip.low <= strip.low + strip.width <= 100.2
    assert 0 <= strip.at <= 100
    assert charts.strip(c.NO_SHARE) is None


@pytest.mark.parametrize(
    ("figure", "at", "is_clear"),
    [((1.0, 0.5, -0.6, -0.4), 0.0, True), ((0.5, 0.5, -0.1, 0.1), 50.0, False), ((0.5, 0.75, 0.1, 0.4), 75.0, True), ((0.2, 0.3, None, None), 60.0, True)],
)  # fmt: skip
def test_a_difference_stands_left_or_right_of_none(figure, at, is_clear):
    gap = charts.gap(*figure, 0.5)
    assert gap.at == at
    assert gap.is_clear is is_clear
    assert charts.gap(None, 0.5, None, None, 1.0) is None


def test_the_figures_of_a_set_share_one_line():
    assert charts.reach(c.SETS[2].figures) == pytest.approx(0.79)
    assert charts.reach(()) == 1.0


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0, "0"),
        (1e-9, "< 0.1"),
        (4.9e-6, "4.9"),
        (5e-6, "5"),
        (0.000154, "150"),
        (0.0123, "12\u202f000"),
        (1.0, "1\u202f000\u202f000"),
    ],
)
def test_how_common_is_told_to_two_digits(value, said):
    assert charts.per_million(value) == said


@pytest.mark.parametrize(
    ("value", "said"), [(0.0, "0"), (0.012, "1.2"), (0.0996, "10"), (0.27, "27"), (1.0, "100")]
)
def test_percents_are_whole_from_ten_up(value, said):
    assert charts.percents(value) == said


@pytest.mark.parametrize(
    ("value", "said"), [(0.0009, "+0.0009"), (-0.7161, "−0.7161"), (-0.00001, "0.0000"), (0.0, "0.0000")]
)
def test_a_difference_carries_its_sign(value, said):
    assert charts.signed(value) == said


@given(
    st.lists(
        st.tuples(st.floats(-1, 2), st.floats(-1, 2), st.sampled_from(["", "c1", "c2", "gone"]), SHARES),
        max_size=60,
    )
)
def test_every_find_is_drawn_once_and_inside(rows):
    points = tuple(
        MapPoint(str(i), x, y, key, severity, "new", "", "h") for i, (x, y, key, severity) in enumerate(rows)
    )
    view = replace(c.MAP, points=points)
    for by in charts_map.WAYS:
        layers = charts_map.layers(view, by)
        assert sum(layer.count for layer in layers) == len(points)
        for layer in layers:
            for dot in layer.path.split("M")[1:]:
                x, y = map(int, dot.removesuffix("h0").split())
                assert 0 < x < charts_map.WIDTH
                assert 0 < y < charts_map.HEIGHT


@pytest.mark.parametrize("type_", [charts_map.BROAD, charts_map.NARROW])
@pytest.mark.parametrize("view", [c.MAP, c.MAP_UNSCANNED, c.MAP_MANY, c.MAP_FEW, c.MAP_NONE])
def test_names_stay_inside_and_never_cover_each_other(view, type_):
    names = charts_map.names(view, type_)
    boxes = [
        (each.x - wide / 2, each.y - each.size * 0.8, each.x + wide / 2, each.y + each.size * 0.2)
        for each in names
        for wide in [each.size * charts_map.LETTER * len(each.text)]
    ]
    for i, (left, top, right, bottom) in enumerate(boxes):
        assert left >= 0
        assert right <= charts_map.WIDTH
        assert top >= 0
        assert bottom <= charts_map.HEIGHT
        for other in boxes[:i]:
            assert right <= other[0] or other[2] <= left or bottom <= other[1] or other[3] <= top
    assert len(names) <= type_.names


def test_the_commonest_has_the_largest_name():
    sizes = {name.card.public_id: name.size for name in charts_map.names(c.MAP)}
    assert len(sizes) == len(c.CLUSTERS)
    assert sizes["c1"] == charts_map.BROAD.most
    assert sizes["c1"] > sizes["c2"] > sizes["c3"] > sizes["c7"] == charts_map.BROAD.least


def test_before_a_scan_names_follow_the_number_of_finds():
    weights = charts_map.weigh(c.MAP_UNSCANNED.clusters)
    assert weights["c1"] == 1.0
    assert weights["c7"] == pytest.approx((3 / 64) ** 0.5)


def test_colours_repeat_only_where_they_must():
    assert len(set(charts_map.hues(c.MAP).values())) == len(c.CLUSTERS)
    assert set(charts_map.hues(c.MAP_MANY).values()) == set(range(charts_map.HUES))


@pytest.mark.parametrize(
    ("text", "most", "said"),
    [
        ("short", 10, "short"),
        ("incense, herbal blend, collectors", 24, "incense, herbal blend…"),
        ("x" * 40, 10, "x" * 9 + "…"),
        ("", 5, ""),
    ],
)
def test_long_names_are_cut_at_a_word(text, most, said):
    assert charts_map.shorten(text, most) == said
