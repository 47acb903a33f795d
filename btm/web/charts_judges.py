"""Where things stand in the pictures of judges: confusion matrices, quality and its interval, judgements a page.

Pure: values in, coordinates out. The words beside the shapes belong to the templates in templates/charts/ and templates/judges/.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from btm.web.charts import Strip

SIDE = 44.0
"""The side of a tiny matrix, in the picture's units."""
WIDTH, FLOOR, TALL = 200.0, 58.0, 46.0
"""Columns of judgements a page: the picture's width, where its columns stand, and how tall the tallest is."""
RELIABLE, TENTATIVE = 0.8, 2 / 3
"""From where on alpha is taken as reliable, and as good for tentative conclusions (Krippendorff, Content Analysis, 2004, ch. 11)."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a matrix: expected pages, their share of the row, a step of shading from 0 to 8."""

    count: float
    share: float
    step: int
    is_right: bool


@dataclass(frozen=True, slots=True)
class Square:
    """A cell of a tiny matrix. `shade` is the opacity of its fill."""

    x: float
    y: float
    side: float
    shade: float
    is_right: bool


@dataclass(frozen=True, slots=True)
class Column:
    """Pages that took so many judgements."""

    x: float
    y: float
    width: float
    height: float
    judgements: int
    pages: int
    is_marked: bool

    @property
    def middle(self) -> float:
        return round(self.x + self.width / 2, 1)


def matrix(counts: Sequence[Sequence[float]]) -> tuple[tuple[Cell, ...], ...]:
    """Cells by row; the shading follows a cell's share of its row. A row without pages has shares of 0."""
    rows = []
    for place, row in enumerate(counts):
        total = sum(row)
        shares = [count / total if total else 0.0 for count in row]
        rows.append(
            tuple(
                Cell(count, share, min(8, math.ceil(share * 8)), place == column)
                for column, (count, share) in enumerate(zip(row, shares, strict=True))
            )
        )
    return tuple(rows)


def squares(counts: Sequence[Sequence[float]]) -> tuple[Square, ...]:
    """The same as a picture of SIDE by SIDE: cells that fill it, a hair apart."""
    if not counts:
        return ()
    step = SIDE / len(counts)
    gap = 1.5 if len(counts) < 6 else 0.75
    return tuple(
        Square(
            round(column * step, 2), round(row * step, 2), round(step - gap, 2), shade(cell), cell.is_right
        )
        for row, cells in enumerate(matrix(counts))
        for column, cell in enumerate(cells)
    )


def shade(cell: Cell) -> float:
    """How dense a cell is drawn: even a rare mistake is seen, and none at all is not."""
    return round(0.12 + 0.88 * cell.share, 2) if cell.share >= 0.005 else 0.0


def right_shares(counts: Sequence[Sequence[float]]) -> tuple[float | None, ...]:
    """For each true label the share that was given it; None where there was no such page."""
    return tuple(row[place] / sum(row) if sum(row) else None for place, row in enumerate(counts))


def worst(counts: Sequence[Sequence[float]]) -> tuple[int, int, float] | None:
    """The most common mistake as a share of its row: (true, given, share). None where there is no mistake."""
    found = [
        (cell.share, row, column)
        for row, cells in enumerate(matrix(counts))
        for column, cell in enumerate(cells)
        if not cell.is_right and cell.share > 0
    ]
    if not found:
        return None
    share, row, column = max(found, key=lambda each: (each[0], -each[1], -each[2]))
    return row, column, share


def strip(value: float | None, low: float | None, high: float | None) -> Strip | None:
    """A figure from 0 to 1 with its interval on a line of 100 units; what lies beyond an end is drawn at it."""
    if value is None:
        return None
    at, first, last = (100 * min(max(x, 0.0), 1.0) for x in (value, *ends(value, low, high)))
    return Strip(round(at, 1), round(min(first, 99.4), 1), round(max(0.6, last - first), 1))


def ends(value: float, low: float | None, high: float | None) -> tuple[float, float]:
    """The interval, or the value twice where there is none."""
    return (value if low is None else low), (value if high is None else high)


def columns(per_item: Sequence[tuple[int, int]], most: int = 10) -> tuple[Column, ...]:
    """A column a number of judgements, from the fewest to the most seen; beyond `most` columns the last holds all that took more.

    The column that holds the median page is marked.
    """
    pages = {judgements: count for judgements, count in per_item if count > 0}
    if not pages:
        return ()
    first = min(pages)
    last = min(max(pages), first + most - 1)
    counts = [pages.get(number, 0) for number in range(first, last)]
    counts.append(sum(count for number, count in pages.items() if number >= last))
    step = min(WIDTH / len(counts), 34.0)
    middle = median_place(counts)
    tallest = max(counts)
    heights = [round(max(1.5, TALL * count / tallest), 1) if count else 0.0 for count in counts]
    return tuple(
        Column(
            round(i * step, 1),
            round(FLOOR - high, 1),
            round(step - 3, 1),
            high,
            first + i,
            count,
            i == middle,
        )
        for i, (count, high) in enumerate(zip(counts, heights, strict=True))
    )


def median_place(counts: Sequence[int]) -> int:
    """Where the middle page stands among counts in order."""
    half, seen = (sum(counts) + 1) / 2, 0
    for place, count in enumerate(counts):
        seen += count
        if seen >= half:
            return place
    return len(counts) - 1


def agreement(alpha: float | None, low: float | None) -> str:
    """What alpha allows: reliable, tentative, poor, chance (its interval reaches 0), or unknown."""
    if alpha is None:
        return "unknown"
    if (alpha if low is None else low) <= 0:
        return "chance"
    if alpha >= RELIABLE:
        return "reliable"
    return "tentative" if alpha >= TENTATIVE else "poor"


def span(seconds: float) -> str:
    """A length of time as it is read: 8.4 s, 1 min 20 s, 3.5 hours, 2.1 days."""
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 3600:
        minutes, rest = divmod(whole, 60)
        return f"{minutes} min {rest} s" if rest and minutes < 10 else f"{minutes} min"
    if seconds < 2 * 86400:
        return f"{seconds / 3600:.1f} hours"
    return f"{seconds / 86400:.1f} days"


def odds(probability: float) -> str:
    """A probability as it is printed: p = 0.012, or p < 0.0001."""
    if probability < 0.0001:
        return "p < 0.0001"
    digits = 3 if probability >= 0.001 else 4
    return f"p = {probability:.{digits}f}"
