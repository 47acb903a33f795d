"""Where things stand in a picture: scales, ticks and shapes of the charts of a machine's report, in the picture's own units.

Pure: values in, coordinates out. The words beside the shapes belong to the templates in templates/charts/.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from btm.services.views_machines import BinView, CurvePoint, FigureView, MatrixView, ScoreBar, TermView

WIDTH, HEIGHT = 360.0, 346.0
LEFT, TOP, SIDE, INSET = 46.0, 8.0, 304.0, 12.0
RIGHT, BOTTOM = LEFT + SIDE, TOP + SIDE
MIDDLE = TOP + SIDE / 2
SPAN = SIDE - 2 * INSET
SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)
STEPS = (1, 2, 5)
CLOSE = 14.0


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on an axis: where, and the value that is written there."""

    at: float
    value: float


@dataclass(frozen=True, slots=True)
class Dot:
    """A bin of the reliability diagram: the centre and half side of its square, and the ends of its 95% interval."""

    x: float
    y: float
    half: float
    low_y: float
    high_y: float
    bin: BinView


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of the histogram, up for pages of the label and down for others. `is_wrong`: beyond .5, on the wrong side."""

    x: float
    y: float
    width: float
    height: float
    kind: str
    is_wrong: bool


@dataclass(frozen=True, slots=True)
class Histogram:
    """Both halves share one square-root scale, so that a few pages are seen beside thousands."""

    bars: tuple[Bar, ...]
    ticks: tuple[Tick, ...]
    readings: tuple[tuple[float, ScoreBar], ...]
    missed: int
    false: int


@dataclass(frozen=True, slots=True)
class Curve:
    """The precision-recall curve as a path, its points, the line of guessing, and the point at the threshold .5."""

    path: str
    readings: tuple[tuple[float, float, CurvePoint], ...]
    base_y: float
    base: float
    half: tuple[float, float, CurvePoint] | None
    rows: tuple[CurvePoint, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of the confusion matrix: pages, their share of the row, a step of shading from 0 to 8."""

    count: int
    share: float
    step: int
    is_right: bool


@dataclass(frozen=True, slots=True)
class Strip:
    """A figure and its interval on a line of 100 units."""

    at: float
    low: float
    width: float


def across(share: float) -> float:
    """A share (0 to 1) on the horizontal axis."""
    return round(LEFT + INSET + SPAN * min(max(share, 0.0), 1.0), 1)


def up(share: float) -> float:
    """A share (0 to 1) on the vertical axis."""
    return round(BOTTOM - INSET - SPAN * min(max(share, 0.0), 1.0), 1)


def reliability(bins: Sequence[BinView]) -> tuple[Dot, ...]:
    """A square a bin, whose area grows with its pages, and the Wilson interval of the share that was true."""
    most = max((each.count for each in bins), default=0)
    dots = []
    for each in bins:
        if not each.count:
            continue
        low, high = wilson(each.share_true, each.count)
        half = round(3 + 8 * math.sqrt(each.count / most), 1)
        dots.append(Dot(across(each.mean_probability), up(each.share_true), half, up(low), up(high), each))
    return tuple(dots)


def wilson(share: float, count: int, z: float = 1.96) -> tuple[float, float]:
    """The 95% interval of a share among `count` (Wilson 1927). `count` is at least 1."""
    spread = z * z / count
    middle = (share + spread / 2) / (1 + spread)
    reach = z / (1 + spread) * math.sqrt(share * (1 - share) / count + spread / (4 * count))
    return max(0.0, middle - reach), min(1.0, middle + reach)


def histogram(bars: Sequence[ScoreBar]) -> Histogram:
    """Pages of the label above the middle line, others below it, by the probability they were given."""
    most = max((max(each.true, each.other) for each in bars), default=0)
    scale = SPAN / 2 / math.sqrt(most or 1)
    shapes = []
    for each in bars:
        middle = (each.low + each.high) / 2
        x, width = across(each.low), max(2.0, round(SPAN * (each.high - each.low) - 2, 1))
        for kind, count in (("true", each.true), ("other", each.other)):
            if count:
                tall = round(max(2.0, math.sqrt(count) * scale), 1)
                y = round(MIDDLE - tall if kind == "true" else MIDDLE, 1)
                shapes.append(Bar(round(x + 1, 1), y, width, tall, kind, (middle < 0.5) == (kind == "true")))
    ticks = tuple(
        Tick(round(MIDDLE - sign * math.sqrt(value) * scale, 1), value)
        for value in root_ticks(most)
        if math.sqrt(value) * scale >= CLOSE
        for sign in (1, -1)
    )
    readings = tuple((across((each.low + each.high) / 2), each) for each in bars if each.true or each.other)
    return Histogram(
        tuple(shapes),
        (Tick(MIDDLE, 0), *ticks),
        readings,
        missed=sum(each.true for each in bars if each.high <= 0.5 + 1e-9),
        false=sum(each.other for each in bars if each.low >= 0.5 - 1e-9),
    )


def root_ticks(most: int) -> tuple[int, ...]:
    """Two or so round numbers (1, 2, 5 times a power of ten) below `most` that stand well apart on a square-root scale."""
    found: list[int] = []
    below = float(most)
    while below >= 1 and len(found) < 3:
        power = 10 ** math.floor(math.log10(below))
        found.append(max(step for step in STEPS if step * power <= below) * power)
        below = found[-1] / 4.5
    return tuple(found)


def curve(points: Sequence[CurvePoint], pages: int, true: int) -> Curve | None:
    """None where there is no curve: without a page of the label."""
    if not points or not pages:
        return None
    readings = tuple((across(each.recall), up(each.precision), each) for each in points)
    first = readings[0]
    path = f"M{across(0)} {first[1]}" + "".join(f"V{y}H{x}" for x, y, _ in readings)
    at_half = [each for each in readings if each[2].threshold >= 0.5]
    return Curve(
        path,
        readings,
        up(true / pages),
        true / pages,
        at_half[-1] if at_half else None,
        thin(points, 11),
    )


def thin(points: Sequence[CurvePoint], most: int) -> tuple[CurvePoint, ...]:
    """At most so many points, evenly apart, the first and the last among them."""
    if len(points) <= most:
        return tuple(points)
    return tuple(points[round(i * (len(points) - 1) / (most - 1))] for i in range(most))


def matrix(view: MatrixView) -> tuple[tuple[Cell, ...], ...]:
    """Cells by row; the shading follows a cell's share of its row."""
    rows = []
    for place, counts in enumerate(view.counts):
        total = sum(counts)
        shares = [count / total if total else 0.0 for count in counts]
        rows.append(
            tuple(
                Cell(count, share, math.ceil(share * 8), place == column)
                for column, (count, share) in enumerate(zip(counts, shares, strict=True))
            )
        )
    return tuple(rows)


def lengths(terms: Sequence[TermView]) -> tuple[tuple[TermView, float], ...]:
    """Each term with the length of its bar, of 100 at most."""
    most = max((abs(each.weight) for each in terms), default=0.0) or 1.0
    return tuple((each, round(max(1.0, 100 * abs(each.weight) / most), 1)) for each in terms)


def strip(figure: FigureView) -> Strip | None:
    """None where the figure could not be measured, or is in nats and so has no end of the scale."""
    if figure.value is None or figure.key == "log_loss":
        return None
    low = figure.value if figure.low is None else figure.low
    high = figure.value if figure.high is None else figure.high
    return Strip(round(100 * figure.value, 1), round(100 * low, 1), round(max(0.6, 100 * (high - low)), 1))
