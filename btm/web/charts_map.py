"""Where things stand on the map of known unknowns: dots in layers, and names that do not cover each other.

Pure: values in, coordinates out. A layer is one path however many finds it holds, so that 20,000 of them stay a small page.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from btm.services.views_clusters import ClusterCard, MapPoint, MapView
from btm.web.charts_corpus import band

WIDTH, HEIGHT, EDGE = 1000.0, 760.0, 26.0
HUES = 8
WAYS = ("cluster", "severity", "state")
STATES = ("new", "known", "regressed", "fixed")
LETTER = 0.57
"""A letter's mean width, as a part of the type size."""


@dataclass(frozen=True, slots=True)
class Layer:
    """Dots of one colour: `key` is a cluster's public id, a band of severity (0 to 3) or a state; empty for lone finds."""

    key: str
    kind: str
    path: str
    count: int


@dataclass(frozen=True, slots=True)
class Type:
    """How names are set on a map of one width, in the picture's units."""

    least: float
    most: float
    letters: int
    names: int


@dataclass(frozen=True, slots=True)
class Name:
    """A cluster's name on the map: the middle of its first line of text, and a line to its finds where it stands apart."""

    card: ClusterCard
    text: str
    x: float
    y: float
    size: float
    leader: str


@dataclass(frozen=True, slots=True)
class Box:
    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: Box) -> bool:
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )


@dataclass(frozen=True, slots=True)
class Centre:
    """The middle of a cluster's finds; four fifths of them lie within `half` above or below it."""

    x: float
    y: float
    half: float


BROAD = Type(least=15.5, most=27.0, letters=30, names=24)
NARROW = Type(least=31.0, most=44.0, letters=18, names=9)


def place(x: float, y: float) -> tuple[int, int]:
    """A place (0 to 1, y upwards) in whole units of the picture."""
    x, y = min(max(x, 0.0), 1.0), min(max(y, 0.0), 1.0)
    return round(EDGE + x * (WIDTH - 2 * EDGE)), round(HEIGHT - EDGE - y * (HEIGHT - 2 * EDGE))


def layers(view: MapView, by: str = "cluster") -> tuple[Layer, ...]:
    """Dots by colour, the quietest first, so that the others lie on top."""
    if by == "severity":
        keys = [str(step) for step in range(4)]
        groups = group(view.points, lambda point: str(band(point.severity)))
        kinds = {key: f"band-{key}" for key in keys}
    elif by == "state":
        keys = ["fixed", "known", "new", "regressed"]
        groups = group(view.points, lambda point: point.state if point.state in STATES else "known")
        kinds = {key: f"is-{key}" for key in keys}
    else:
        hued = hues(view)
        keys = ["", *hued]
        groups = group(view.points, lambda point: point.cluster if point.cluster in hued else "")
        kinds = {"": "is-lone"} | {key: f"hue-{hue}" for key, hue in hued.items()}
    return tuple(
        Layer(key, kinds[key], dots(groups[key]), len(groups[key])) for key in keys if groups.get(key)
    )


def group(points: Iterable[MapPoint], key_of: Callable[[MapPoint], str]) -> dict[str, list[MapPoint]]:
    groups: dict[str, list[MapPoint]] = defaultdict(list)
    for point in points:
        groups[key_of(point)].append(point)
    return groups


def dots(points: Iterable[MapPoint]) -> str:
    """Strokes without length: with round ends each is a dot, as wide as the stroke."""
    return "".join(f"M{x} {y}h0" for x, y in (place(point.x, point.y) for point in points))


def centres(view: MapView) -> dict[str, Centre]:
    """The middle (median) of each cluster that has finds on the map, and how far most of them lie from it."""
    groups = group(view.points, lambda point: point.cluster)
    found = {}
    for card in view.clusters:
        places = [place(each.x, each.y) for each in groups.get(card.public_id, ())]
        if places:
            x, y = median(x for x, _ in places), median(y for _, y in places)
            heights = sorted(abs(each - y) for _, each in places)
            found[card.public_id] = Centre(x, y, float(heights[int(0.8 * (len(heights) - 1))]))
    return found


def hues(view: MapView) -> dict[str, int]:
    """A colour (0 to HUES - 1) for each cluster, the same for two only where they lie far apart."""
    given: dict[str, int] = {}
    middles = centres(view)
    taken: list[tuple[Centre, int]] = []
    for key, middle in middles.items():
        crowding = [0.0] * HUES
        for other, hue in taken:
            crowding[hue] += 1 / (1 + (middle.x - other.x) ** 2 + (middle.y - other.y) ** 2)
        hue = min(range(HUES), key=lambda each: (crowding[each], each))
        given[key] = hue
        taken.append((middle, hue))
    return given


def weigh(cards: Sequence[ClusterCard]) -> dict[str, float]:
    """What a name's size follows, 0 to 1: how common its pages are, or, before any scan, how many were found."""
    scanned = any(card.common and card.common.value for card in cards)
    raw = {
        card.public_id: ((card.common.value or 0.0) if card.common else 0.0) if scanned else float(card.size)
        for card in cards
    }
    most = max(raw.values(), default=0.0) or 1.0
    return {key: math.sqrt(value / most) for key, value in raw.items()}


def names(view: MapView, type_: Type = BROAD) -> tuple[Name, ...]:
    """Names beside their finds, the weightiest first; one that finds no free place is left to the list."""
    middles, weights = centres(view), weigh(view.clusters)
    ranked = sorted(
        (card for card in view.clusters if card.public_id in middles),
        key=lambda card: (-weights[card.public_id], -card.size, card.public_id),
    )
    placed: list[Name] = []
    boxes: list[Box] = []
    for card in ranked[: 3 * type_.names]:
        if len(placed) == type_.names:
            break
        size = round(type_.least + (type_.most - type_.least) * weights[card.public_id], 1)
        text = shorten(card.name, type_.letters)
        middle = middles[card.public_id]
        found = next((each for each in around(middle, text, size) if not any(map(each.meets, boxes))), None)
        if found is None:
            continue
        boxes.append(found)
        placed.append(name_at(card, text, size, found, middle))
    return tuple(placed)


def around(middle: Centre, text: str, size: float) -> Iterable[Box]:
    """Boxes for a name, each inside the picture: over its finds, under them, upon them, then further and further away."""
    wide, tall = size * LETTER * len(text) + size * 0.5, size * 1.3
    near = middle.half + tall * 0.65
    tries = [(0.0, -near), (0.0, near), (0.0, 0.0)]
    for ring in range(3):
        tries += [
            (along * wide, side * (near + ring * tall * 0.7))
            for along in (0.0, 0.35, -0.35, 0.65, -0.65)
            for side in (-1, 1)
        ]
    for right, down in tries:
        left = min(max(middle.x + right - wide / 2, 4.0), WIDTH - 4.0 - wide)
        top = min(max(middle.y + down - tall / 2, 4.0), HEIGHT - 4.0 - tall)
        yield Box(left, top, left + wide, top + tall)


def name_at(card: ClusterCard, text: str, size: float, box: Box, middle: Centre) -> Name:
    """A name in its box, with a line to its finds where it is not next to them."""
    x, y = round((box.left + box.right) / 2, 1), round(box.bottom - size * 0.42, 1)
    end_x, end_y = min(max(middle.x, box.left), box.right), min(max(middle.y, box.top), box.bottom)
    is_away = math.hypot(middle.x - end_x, middle.y - end_y) > middle.half + size * 0.7
    leader = f"M{end_x:.0f} {end_y:.0f}L{middle.x:.0f} {middle.y:.0f}" if is_away else ""
    return Name(card, text, x, y, size, leader)


def shorten(text: str, most: int) -> str:
    """A text of at most so many letters, cut at a word where there is one."""
    if len(text) <= most:
        return text
    cut = text[: most - 1]
    head, space, _ = cut.rpartition(" ")
    return (head if space and len(head) > most // 2 else cut).rstrip(" ,;:-") + "…"


def table(view: MapView) -> dict[str, object]:
    """The same for a script that shows what lies under the pointer: columns, so that names are said once."""
    keys = [card.public_id for card in view.clusters]
    numbers = {key: number for number, key in enumerate(keys)}
    places = [place(point.x, point.y) for point in view.points]
    return {
        "clusters": [{"id": card.public_id, "name": card.name} for card in view.clusters],
        "id": [point.public_id for point in view.points],
        "x": [x for x, _ in places],
        "y": [y for _, y in places],
        "cluster": [numbers.get(point.cluster, -1) for point in view.points],
        "severity": [round(1000 * point.severity) for point in view.points],
        "state": [point.state for point in view.points],
        "title": [shorten(point.title, 90) for point in view.points],
        "host": [point.host for point in view.points],
    }
