"""Where things stand in the pictures of a challenge's money: points a day as bars, and the pace that the forecast goes by.

Pure: values in, coordinates out. The words beside the shapes belong to templates/charts/pace.html.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from btm.rules.reward_search import Ratio
from btm.services.views_money import DayView, StepView

WIDTH, HEIGHT = 360.0, 142.0
LEFT, RIGHT, TOP, FLOOR = 46.0, 356.0, 10.0, 120.0
TALL = FLOOR - TOP
MOST_WIDE = 20.0
NICE = (1, 2, 5)


@dataclass(frozen=True, slots=True)
class Bar:
    """A day: its bar, and the column in which it is read."""

    x: float
    y: float
    width: float
    height: float
    left: float
    step: float
    day: DayView


@dataclass(frozen=True, slots=True)
class Picture:
    """Bars, marks of the axis as (y, points), and the line of the pace; `pace_y` is None without a forecast."""

    bars: tuple[Bar, ...]
    ticks: tuple[tuple[float, int], ...]
    pace_y: float | None


def picture(days: Sequence[DayView], pace: float | None) -> Picture:
    """Points a day. What was taken back on balance is drawn as nothing, and told in the numbers."""
    top = ceiling(max((*(each.points for each in days), pace or 0, 1)))
    step = (RIGHT - LEFT) / max(1, len(days))
    wide = min(MOST_WIDE, 0.72 * step)
    bars = []
    for place, day in enumerate(days):
        left = LEFT + place * step
        tall = TALL * max(0, day.points) / top
        bars.append(
            Bar(
                round(left + (step - wide) / 2, 1), round(FLOOR - tall, 1), round(wide, 1), round(tall, 1),
                round(left, 1), round(step, 1), day,
            )
        )  # fmt: skip
    ticks = tuple((round(FLOOR - TALL * part / 2, 1), round(top * part / 2)) for part in (0, 1, 2))
    return Picture(tuple(bars), ticks, round(FLOOR - TALL * pace / top, 1) if pace else None)


@dataclass(frozen=True, slots=True)
class Mark:
    """A figure of a step, and the ends of its interval, cut off at the picture's top."""

    y: float
    low_y: float
    high_y: float
    ratio: Ratio


@dataclass(frozen=True, slots=True)
class Column:
    """A step of a search: where it stands, and its marks; None where there is nothing to compare."""

    x: float
    left: float
    step: float
    pace: Mark | None
    quality: Mark | None
    view: StepView


TOP_SHARE = 1.5
SHARES = (0.0, 0.5, 1.0, 1.5)


def level(share: float) -> float:
    """Where a share of the first step's figure stands."""
    return round(FLOOR - TALL * min(max(share, 0.0), TOP_SHARE) / TOP_SHARE, 1)


def columns(steps: Sequence[StepView]) -> tuple[Column, ...]:
    """Steps side by side, pace left and quality right of each one's middle."""
    step = (RIGHT - LEFT) / max(1, len(steps))
    found = []
    for place, view in enumerate(steps):
        left = LEFT + place * step
        pace, quality = (_mark(ratio) for ratio in (view.pace, view.quality))
        if place == 0:
            pace = quality = _mark(Ratio(1.0, 1.0, 1.0))
        found.append(Column(round(left + step / 2, 1), round(left, 1), round(step, 1), pace, quality, view))
    return tuple(found)


def _mark(ratio: Ratio | None) -> Mark | None:
    return Mark(level(ratio.value), level(ratio.low), level(ratio.high), ratio) if ratio else None


def ceiling(value: float) -> int:
    """The smallest of 2, 5, 10, 20, 50, ... that is not below a value."""
    size = 1
    while True:
        for step in NICE:
            if step * size >= value and step * size > 1:
                return step * size
        size *= 10
