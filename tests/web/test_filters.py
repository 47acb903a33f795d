"""How numbers, money and times are set."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from markupsafe import Markup

from btm.web import clock, filters

from . import samples as s

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _stopped_clock(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0"), (999, "999"), (12400, "12\u202f400"), (-5000, "−5\u202f000")]
)
def test_numbers_have_thin_spaces(value, text):
    assert filters.number(value) == text


@pytest.mark.parametrize(
    ("points", "text"),
    [(0, "$0.00"), (1, "0.02\u202f¢"), (25, "0.5\u202f¢"), (410, "8.2\u202f¢"), (500, "$0.10"), (759, "$0.15"), (-25, "−0.5\u202f¢"), (-5000, "−$1.00"), (6_200_000, "$1\u202f240.00")],
)  # fmt: skip
def test_money(points, text):
    assert filters.dollars(points, 5000) == Markup('<span class="money">{}</span>').format(text)


def test_money_without_a_rate_is_nothing():
    assert filters.dollars(100, 0) == ""


def test_points_and_money_never_look_alike():
    assert "points" in filters.points(2)
    assert "point<" in filters.points(1)
    assert "money" in filters.dollars(2, 1)


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0%"), (0.001, "1%"), (0.5, "50%"), (0.999, "99%"), (1, "100%")]
)
def test_certainty_is_not_claimed_by_rounding(value, text):
    assert filters.percent(value) == text


@pytest.mark.parametrize(
    ("delta", "text"),
    [
        (timedelta(seconds=-3), "just now"),
        (timedelta(seconds=3), "in a moment"),
        (timedelta(seconds=-59), "59 seconds ago"),
        (timedelta(minutes=-1), "1 minute ago"),
        (timedelta(hours=-5), "5 hours ago"),
        (timedelta(days=6), "in 6 days"),
        (timedelta(days=-90), "24 Aug 2026"),
    ],
)
def test_relative_times(delta, text):
    assert filters.relative(NOW + delta) == text


def test_a_time_carries_the_exact_one():
    markup = filters.ago(NOW.replace(tzinfo=None))
    assert 'datetime="2026-11-22T12:00:00+00:00"' in markup
    assert 'title="22 November 2026, 12:00 UTC"' in markup
    assert filters.ago(None) == "never"


@pytest.mark.parametrize(
    ("points", "severity", "novelty", "digits"),
    [(640, 0.8, 0.8, 2), (759, 0.944784, 0.803, 3), (759, 0.94478412, 0.80336, 3), (250, 0.25, 1.0, 2)],
)
def test_the_factors_as_shown_multiply_to_the_points(points, severity, novelty, digits):
    quote = replace(s.QUOTE, points=points, severity_factor=severity, novelty=novelty)
    shown = filters.factor_digits(quote)
    assert shown == digits
    assert round(1000 * round(severity, shown) * round(novelty, shown)) == points


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "yes"),
        (8250, "8\u202f250"),
        (0.9132, "0.913"),
        (0.5, "0.5"),
        ("x", "x"),
        ({"a": 0.25}, "a 0.25"),
    ],
)
def test_values_of_a_model_card(value, text):
    assert filters.measure(value) == text


def test_host():
    assert filters.host("https://www.a.example/b") == "a.example"
