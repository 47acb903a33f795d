"""Where things stand in the picture of a pool: how good labels and a model became, by judgements.

Pure: values in, coordinates out. The words beside the shapes belong to templates/charts/pool.html.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from btm.services.views_collecting import PoolPointView
from btm.web.charts import Tick

WIDTH, HEIGHT = 360.0, 190.0
LEFT, RIGHT, TOP, FLOOR = 40.0, 350.0, 10.0, 152.0
INSET = 8.0
STATES = ("decided", "undecided", "open", "waiting")


@dataclass(frozen=True, slots=True)
class Reading:
    """What was measured at one count of judgements: where, and the column that answers to the pointer. None: not measurable."""

    x: float
    left: float
    width: float
    label_y: float | None
    model_y: float | None
    point: PoolPointView


@dataclass(frozen=True, slots=True)
class Picture:
    """Both lines as paths (empty where there is nothing to draw), what they go through, and the ticks of both axes."""

    label_path: str
    model_path: str
    readings: tuple[Reading, ...]
    shares: tuple[Tick, ...]
    judgements: tuple[Tick, ...]


def picture(points: Sequence[PoolPointView]) -> Picture:
    """Judgements from none to the last point's; shares from a round one below the lowest, so that a small rise is seen, up to 1."""
    values = [
        each for point in points for each in (point.label_quality, point.model_quality) if each is not None
    ]
    low = min(0.8, math.floor(10 * min(values, default=0.0) + 1e-9) / 10)
    most = max((point.judgements for point in points), default=0) or 1

    def across(judgements: float) -> float:
        return round(LEFT + INSET + (RIGHT - LEFT - 2 * INSET) * judgements / most, 1)

    def up(share: float | None) -> float | None:
        return None if share is None else round(FLOOR - (FLOOR - TOP) * (share - low) / (1 - low), 1)

    places = [across(point.judgements) for point in points]
    readings = tuple(
        Reading(x, left, round(right - left, 1), up(point.label_quality), up(point.model_quality), point)
        for point, x, (left, right) in zip(points, places, columns(places), strict=True)
    )
    step = 0.05 if low >= 0.8 else 0.1 if low >= 0.5 else 0.2
    count = round((1 - low) / step)
    shares = tuple(
        Tick(round(FLOOR - (FLOOR - TOP) * place / count, 1), round(low + (1 - low) * place / count, 4))
        for place in range(count + 1)
    )
    return Picture(
        path([(each.x, each.label_y) for each in readings]),
        path([(each.x, each.model_y) for each in readings]),
        readings,
        shares,
        tuple(Tick(across(value), value) for value in round_numbers(most)),
    )


def columns(places: Sequence[float]) -> list[tuple[float, float]]:
    """From halfway to the point before to halfway to the next."""
    middles = [round((a + b) / 2, 1) for a, b in pairwise(places)]
    return list(zip([LEFT, *middles], [*middles, RIGHT], strict=True)) if places else []


def path(points: Sequence[tuple[float, float | None]]) -> str:
    """A line through the points that were measured."""
    seen = [(x, y) for x, y in points if y is not None]
    return "".join(f"{'L' if place else 'M'}{x} {y}" for place, (x, y) in enumerate(seen))


def round_numbers(most: int, ticks: int = 4) -> list[int]:
    """0 and the multiples of 1, 2 or 5 times a power of ten up to `most`, about `ticks` of them."""
    power = 10 ** max(0, math.floor(math.log10(max(most, 1) / ticks)) if most > ticks else 0)
    step = next(factor * power for factor in (1, 2, 5, 10) if most / (factor * power) <= ticks)
    return list(range(0, most + 1, step))
