"""Judgements as codes: who said what of which item, checked, numbered and grouped for fast sums.

Everything takes memory in proportion to the number of judgements; there is never a table of items by judges.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Values: TypeAlias = Any
"""A flat array-like of hashable values: a list, a NumPy array, a column of a data frame."""
Floats: TypeAlias = NDArray[np.float64]
Codes: TypeAlias = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Judgements:
    """n judgements. `worker`, `item` and `label` are codes, shape (n,), into `workers`, `items` and `classes`, which are sorted.

    pinned: for each item the code of its gold label, or -1, shape (n_items,).
    """

    workers: NDArray[Any]
    items: NDArray[Any]
    classes: NDArray[Any]
    worker: Codes
    item: Codes
    label: Codes
    pinned: Codes


def encode(
    workers: Values, items: Values, labels: Values, gold: Mapping[Any, Any] | None, classes: Values | None
) -> Judgements:
    """Number the judgements. gold: item -> label. classes: all labels there are, in their order; default: those given, sorted.

    Raises ValueError when there are none, when lengths differ, at a missing value (None, NaN), at a label outside `classes`,
    and at gold for an item without judgements or with a label that is none.
    """
    known_items, item = _number(items, "items")
    known_workers, worker = _number(workers, "workers")
    given, label = _number(labels, "labels")
    if not len(worker) == len(item) == len(label):
        raise ValueError(
            f"workers, items and labels have different lengths: {len(worker)}, {len(item)} and {len(label)}"
        )
    if classes is not None:
        given, label = _among(_array(list(classes)), given, label)
    pinned = _pin(gold or {}, known_items, given)
    return Judgements(known_workers, known_items, given, worker, item, label, pinned)


def _number(values: Values, name: str) -> tuple[NDArray[Any], Codes]:
    """The distinct values, sorted, and for each value its place among them."""
    array = values if isinstance(values, np.ndarray) else None
    if array is None and hasattr(values, "__array__"):
        array = np.asarray(values)
    if array is None:
        values = list(values)
        array = np.asarray(values) if values and set(map(type, values)) <= {int, float} else None
    if array is not None and array.ndim != 1:
        raise ValueError(f"{name} have shape {array.shape}; a flat list is needed")
    if len(values) == 0:
        raise ValueError("there are no judgements")
    if array is None or array.dtype.kind not in "biuf":
        return _number_objects(values if array is None else array.tolist(), name)
    if array.dtype.kind == "f" and np.isnan(array).any():
        raise ValueError(f"{name} have a gap: number {int(np.isnan(array).argmax()) + 1} is NaN")
    return _number_numbers(array)


def _number_numbers(array: NDArray[Any]) -> tuple[NDArray[Any], Codes]:
    low, high = (int(array.min()), int(array.max())) if array.dtype.kind in "iu" else (0, 2**63)
    if high - low > 4 * len(array) + 1000 or high >= 2**62:
        distinct, codes = np.unique(array, return_inverse=True)
        return distinct, codes.astype(np.intp, copy=False)
    shifted = array.astype(np.intp) - low  # a dense range is numbered by a table, without sorting
    present = np.zeros(high - low + 1, dtype=bool)
    present[shifted] = True
    places = np.cumsum(present) - 1
    return (np.flatnonzero(present) + low).astype(array.dtype), places[shifted]


def _number_objects(values: Sequence[Any], name: str) -> tuple[NDArray[Any], Codes]:
    first: dict[Any, int] = {}
    numbers = (first.setdefault(value, len(first)) for value in values)
    try:
        codes = np.fromiter(numbers, np.intp, len(values))
    except TypeError:
        raise ValueError(f"{name} are not all single values: text, numbers, or tuples of them") from None
    for value, code in first.items():
        if value is None or value != value:
            raise ValueError(f"{name} have a gap: number {int((codes == code).argmax()) + 1} is {value}")
    try:
        distinct = sorted(first)
    except TypeError:
        raise ValueError(f"{name} are of different kinds, which cannot be put in order") from None
    place = np.empty(len(distinct), dtype=np.intp)
    place[[first[value] for value in distinct]] = np.arange(len(distinct))
    return _array(distinct), place[codes]


def _array(values: list[Any]) -> NDArray[Any]:
    """A flat array; anything but strings and numbers stays what it is."""
    if all(isinstance(value, str) for value in values) or all(
        isinstance(value, (int, float)) for value in values
    ):
        return np.array(values)
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


def _among(classes: NDArray[Any], given: NDArray[Any], label: Codes) -> tuple[NDArray[Any], Codes]:
    place = {value: number for number, value in enumerate(classes.tolist())}
    if len(place) < len(classes):
        raise ValueError("classes names a label twice")
    for value in given.tolist():
        if value not in place:
            raise ValueError(f"the label {value!r} is not one of the classes")
    return classes, np.array([place[value] for value in given.tolist()], dtype=np.intp)[label]


def _pin(gold: Mapping[Any, Any], items: NDArray[Any], classes: NDArray[Any]) -> Codes:
    pinned = np.full(len(items), -1, dtype=np.intp)
    if not gold:
        return pinned
    item_place = {value: number for number, value in enumerate(items.tolist())}
    label_place = {value: number for number, value in enumerate(classes.tolist())}
    for item, label in gold.items():
        if item not in item_place:
            raise ValueError(f"there is gold for item {item!r}, which nobody judged")
        if label not in label_place:
            raise ValueError(f"the gold label {label!r} of item {item!r} is not one of the classes")
        pinned[item_place[item]] = label_place[label]
    return pinned


def grouped_order(keys: Codes, n_groups: int) -> tuple[Codes, Codes]:
    """The order that puts equal keys together (first come, first), and where each of the groups starts.

    keys: shape (n,), every number from 0 to n_groups - 1 among them. One sort of whole numbers: far faster than a stable argsort.
    """
    shift = max(1, math.ceil(math.log2(len(keys) + 1)))
    packed = (keys.astype(np.int64) << shift) | np.arange(len(keys))
    packed.sort()
    order = (packed & ((1 << shift) - 1)).astype(np.intp, copy=False)
    sizes = np.bincount(keys, minlength=n_groups)
    return order, np.concatenate(([0], np.cumsum(sizes)[:-1])).astype(np.intp, copy=False)


class GroupedSums:
    """Sums over groups of judgements of what a table says of each judgement's source: both halves of an EM step."""

    def __init__(self, keys: Codes, n_groups: int, source: Codes) -> None:
        order, self._starts = grouped_order(keys, n_groups)
        self._source = source[order]
        self._buffer = np.empty(len(keys))

    def __call__(self, table: Floats) -> Floats:
        """table: shape (k, n_sources), a contiguous row a class. Returns shape (k, n_groups)."""
        out = np.empty((len(table), len(self._starts)))
        for row, total in zip(table, out, strict=True):
            np.take(row, self._source, out=self._buffer, mode="clip")
            np.add.reduceat(self._buffer, self._starts, out=total)
        return out
