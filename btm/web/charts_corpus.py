"""Where things stand in the pictures of a corpus: severity in bands, shares over the weeks, bins of an inspection, differences.

Pure: values in, coordinates out. The words beside the shapes belong to the templates in templates/charts/ and templates/clusters/.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from btm.services.views_clusters import ArmView, ShareView
from btm.web.charts import Strip, wilson

WIDTH, HEIGHT = 360.0, 224.0
LEFT, RIGHT, TOP, FLOOR = 40.0, 352.0, 22.0, 184.0
TALL = FLOOR - TOP
ENDS = (0.25, 0.5, 0.75)
BANDS = ("0–250", "250–500", "500–750", "750–1000")
STEPS = (0.04, 0.08, 0.12, 0.2, 0.4, 0.6, 0.8, 1.0)


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar: `arm` is 0 for players and 1 for inspection; `share` is written above it."""

    arm: int
    x: float
    y: float
    width: float
    height: float
    share: float

    @property
    def middle(self) -> float:
        return round(self.x + self.width / 2, 1)


@dataclass(frozen=True, slots=True)
class Band:
    """A band of severity with its bars."""

    name: str
    middle: float
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Week:
    """A week on the line: its dot, the ends of its 95% interval, and what was counted."""

    x: float
    y: float
    low_y: float
    high_y: float
    start: datetime
    probes: int
    errors: int
    share: float


@dataclass(frozen=True, slots=True)
class Line:
    """Shares over the weeks. `top` is the share at the upper end; the path leaves weeks without a probe out."""

    weeks: tuple[Week, ...]
    path: str
    ticks: tuple[tuple[float, float], ...]
    labels: tuple[tuple[float, str, datetime], ...]


@dataclass(frozen=True, slots=True)
class Gap:
    """A difference and its interval on a line of 100 units whose middle, 50, is no difference."""

    at: float
    low: float
    width: float
    is_clear: bool


def band(severity: float) -> int:
    """The band (0 to 3) of a severity from 0 to 1."""
    return bisect_right(ENDS, severity)


def bands(arms: Sequence[ArmView]) -> tuple[Band, ...]:
    """Bars side by side, one an arm, of the shares of its errors; the tallest fills the picture."""
    most = max((share for arm in arms for share in arm.bands), default=0.0) or 1.0
    step = (RIGHT - LEFT) / len(BANDS)
    wide = min(30.0, (step - 18) / max(1, len(arms)))
    found = []
    for place, name in enumerate(BANDS):
        middle = LEFT + step * (place + 0.5)
        start = middle - wide * len(arms) / 2
        bars = tuple(
            Bar(
                number,
                round(start + number * wide + 1, 1),
                round(FLOOR - tall(arm.bands[place], most), 1),
                round(wide - 2, 1),
                round(tall(arm.bands[place], most), 1),
                arm.bands[place],
            )
            for number, arm in enumerate(arms)
        )
        found.append(Band(name, round(middle, 1), bars))
    return tuple(found)


def tall(share: float, most: float) -> float:
    """A bar's height; even the rarest is seen, and none at all is not."""
    return max(1.5, TALL * share / most) if share else 0.0


def parts(counts: Sequence[int]) -> tuple[tuple[float, float, int], ...]:
    """A line of 100 units cut into parts: (start, length, which), those that are empty left out."""
    total = sum(counts)
    if not total:
        return ()
    found, start = [], 0.0
    for place, count in enumerate(counts):
        length = 100 * count / total
        if count:
            found.append((round(start, 2), round(max(0.8, length - 0.6), 2), place))
        start += length
    return tuple(found)


def line(weeks: Sequence[tuple[datetime, int, int]]) -> Line:
    """The share of probes that were errors, week by week, with Wilson's 95% interval."""
    seen = [(i, start, probes, min(errors, probes)) for i, (start, probes, errors) in enumerate(weeks)]
    seen = [each for each in seen if each[2] > 0]
    reach = max((wilson(errors / probes, probes)[1] for _, _, probes, errors in seen), default=1.0)
    shown = max((errors / probes for _, _, probes, errors in seen), default=1.0)
    top = ceiling(min(reach, max(1.6 * shown, 0.04)))
    last = max(1, len(weeks) - 1)
    inset = 10.0

    def across(i: int) -> float:
        return round(
            (LEFT + RIGHT) / 2 if len(weeks) == 1 else LEFT + inset + (RIGHT - LEFT - 2 * inset) * i / last, 1
        )

    def up(share: float) -> float:
        return round(FLOOR - TALL * min(share / top, 1.0), 1)

    dots = []
    for i, start, probes, errors in seen:
        low, high = wilson(errors / probes, probes)
        dots.append(
            Week(across(i), up(errors / probes), up(low), up(high), start, probes, errors, errors / probes)
        )
    path = "".join(f"{'L' if place else 'M'}{each.x} {each.y}" for place, each in enumerate(dots))
    ticks = tuple((up(top * part / 4), top * part / 4) for part in (0, 1, 2, 3, 4))
    return Line(tuple(dots), path, ticks, labels(weeks, across))


def labels(
    weeks: Sequence[tuple[datetime, int, int]], across: Callable[[int], float]
) -> tuple[tuple[float, str, datetime], ...]:
    """The first week and the last, and one between where there is room: (x, text-anchor, start)."""
    if not weeks:
        return ()
    if len(weeks) == 1:
        return ((across(0), "middle", weeks[0][0]),)
    places = [(0, "start"), (len(weeks) - 1, "end")]
    if len(weeks) >= 7:
        places.insert(1, (len(weeks) // 2, "middle"))
    return tuple((across(i), anchor, weeks[i][0]) for i, anchor in places)


def ceiling(share: float) -> float:
    """The smallest of STEPS that is not below a share."""
    return next((step for step in STEPS if share <= step), 1.0)


def columns(
    counts: Sequence[tuple[datetime, int]], most: int = 60
) -> tuple[tuple[float, float, float, float, datetime, int], ...]:
    """Finds a week, as columns on 200 by 40 units: (x, y, width, height, start, count). The latest `most` weeks."""
    counts = counts[-most:]
    tallest = max((count for _, count in counts), default=0) or 1
    step = min(14.0, 200 / max(1, len(counts)))
    found = []
    for place, (start, count) in enumerate(counts):
        high = round(max(2.0, 38 * count / tallest), 1) if count else 0.0
        found.append((round(place * step, 1), round(40 - high, 1), round(step * 0.78, 2), high, start, count))
    return tuple(found)


def strip(share: ShareView, most: float = 1.0) -> Strip | None:
    """A share and its interval on a line of 100 units that ends at `most`."""
    if share.value is None:
        return None
    low = share.value if share.low is None else share.low
    high = share.value if share.high is None else share.high
    at, first, last = (100 * min(max(x / (most or 1.0), 0.0), 1.0) for x in (share.value, low, high))
    return Strip(round(at, 1), round(min(first, 99.4), 1), round(max(0.6, last - first), 1))


def gap(
    before: float | None, after: float | None, low: float | None, high: float | None, reach: float
) -> Gap | None:
    """The difference that a round made. `reach` is the difference at either end of the line; None without a difference."""
    if before is None or after is None:
        return None
    change = after - before
    low, high = change if low is None else low, change if high is None else high
    at, first, last = (50 + 50 * min(max(x / (reach or 1.0), -1.0), 1.0) for x in (change, low, high))
    return Gap(
        round(at, 1), round(min(first, 99.4), 1), round(max(0.6, last - first), 1), low > 0 or high < 0
    )


def reach(figures: Sequence[tuple[str, float | None, float | None, float | None, float | None]]) -> float:
    """The widest difference of a set, its interval included, so that all of its figures share one line."""
    found = [
        abs(value)
        for _, before, after, low, high in figures
        if before is not None and after is not None
        for value in (after - before, low, high)
        if value is not None
    ]
    return max(found, default=0.0) or 1.0


def per_million(value: float) -> str:
    """A share of traffic as pages in a million, to two telling digits; thin spaces between thousands."""
    pages = 1e6 * value
    if pages <= 0:
        return "0"
    if pages < 10:
        return f"{pages:.1f}".removesuffix(".0") if pages >= 0.05 else "< 0.1"
    digits = max(0, math.floor(math.log10(pages)) - 1)
    return f"{round(pages / 10**digits) * 10**digits:,}".replace(",", "\u202f")


def percents(share: float) -> str:
    """A share in percent, without the sign: whole from ten up, else with a decimal."""
    value = 100 * share
    return f"{value:.0f}" if value >= 9.95 or value == 0 else f"{value:.1f}"


def signed(value: float, digits: int = 4) -> str:
    """A difference with its sign: +0.0120, a true minus, and 0.0000 without any."""
    text = f"{value:+.{digits}f}"
    return text[1:] if float(text) == 0 else text.replace("-", "\u2212")
