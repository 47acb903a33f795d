"""Files of judgements, of gold and of costs, row by row, whatever is wrong with some of them. Asks the database for nothing.

CSV with commas, semicolons or tabs, plain or gzipped. A first row that names the columns decides their order; without one the
columns are taken in the usual order. A row that cannot be used is left out and said so, with its number.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import zlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO

import numpy as np

from btm.rules.errors import Invalid
from btm.services.views_machines import BadRowView

MOST_LISTED = 50
ALSO = {"judge": "worker", "annotator": "worker", "task": "item", "object": "item"}
"""Other names of columns that are understood."""


@dataclass(slots=True)
class JudgementFile:
    """What a file held, a list a column; the first rows that were left out, and how many they were in all."""

    workers: list[str] = field(default_factory=list)
    items: list[str] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    named: bool = True
    bad: list[BadRowView] = field(default_factory=list)
    bad_count: int = 0


@dataclass(slots=True)
class GoldFile:
    """The true labels of items, and the rows that were left out."""

    labels: dict[str, str] = field(default_factory=dict)
    bad: list[BadRowView] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class CostFile:
    """The labels in the order in which the file names them, and `cost[true][assigned]`, shape (k, k)."""

    labels: tuple[str, ...]
    cost: np.ndarray


def read_judgements(stream: BinaryIO, labels: Collection[str] | None = None) -> JudgementFile:
    """The columns worker, item and label. labels: all that may be given, where that is known.

    Raises Invalid (field `file`) when the file as a whole cannot be used.
    """
    table = _Table(stream, ("worker", "item", "label"), "file")
    found = JudgementFile(named=table.named)
    for number, cells, reason in table.rows():
        if not reason and labels is not None and cells[2] not in labels:
            reason = f"has the label {cells[2]!r}; the costs name {', '.join(labels)}"
        if reason:
            found.bad_count += 1
            if len(found.bad) < MOST_LISTED:
                found.bad.append(BadRowView(number, reason))
            continue
        found.workers.append(cells[0])
        found.items.append(cells[1])
        found.labels.append(cells[2])
    if not found.workers:
        first = f" Row {found.bad[0].number} {found.bad[0].reason}." if found.bad else ""
        raise Invalid(f"The file has no judgement that can be used.{first}", field="file")
    return found


def read_gold(stream: BinaryIO, items: Collection[str], labels: Collection[str]) -> GoldFile:
    """The columns item and label. items, labels: those that the judgements have; others are left out and said so."""
    known_items, known_labels = set(items), set(labels)
    found = GoldFile()
    for number, cells, reason in _Table(stream, ("item", "label"), "gold").rows():
        if not reason:
            item, label = cells
            if item not in known_items:
                reason = f"names the item {item!r}, which nobody judged"
            elif label not in known_labels:
                reason = f"has the label {label!r}, which is none of {', '.join(sorted(known_labels))}"
            elif found.labels.setdefault(item, label) != label:
                reason = f"says {label!r} of item {item!r}; an earlier row says {found.labels[item]!r}"
        if reason:
            found.bad.append(BadRowView(number, reason))
    return found


def read_costs(stream: BinaryIO) -> CostFile:
    """The columns true, assigned and cost: what it costs to take an item of the first label for one of the second.

    To be right costs 0 where the file does not say. Raises Invalid (field `costs`) at the first row that cannot be used, and when
    a pair of labels is missing.
    """
    costs: dict[tuple[str, str], float] = {}
    for number, cells, reason in _Table(stream, ("true", "assigned", "cost"), "costs").rows():
        if not reason and (value := _cost(cells[2])) is not None:
            costs[cells[0], cells[1]] = value
        else:
            raise Invalid(
                f"Row {number} of the costs {reason or f'has the cost {cells[2]!r}; a number from 0 is needed'}.",
                field="costs",
            )
    labels = tuple(dict.fromkeys(label for pair in costs for label in pair))
    if len(labels) < 2:
        raise Invalid("The costs must name at least two labels.", field="costs")
    for true in labels:
        costs.setdefault((true, true), 0.0)
        for assigned in labels:
            if (true, assigned) not in costs:
                raise Invalid(
                    f"The costs do not say what it costs to take {true!r} for {assigned!r}.", field="costs"
                )
    return CostFile(labels, np.array([[costs[true, assigned] for assigned in labels] for true in labels]))


def _cost(cell: str) -> float | None:
    try:
        value = float(cell)
    except ValueError:
        return None
    return value if 0 <= value < float("inf") else None


class _Table:
    """The rows of a file with certain columns: number (from 1, without the header), cells, and what is wrong, if anything."""

    def __init__(self, stream: BinaryIO, columns: Sequence[str], field: str) -> None:
        self._columns = columns
        text = _text(stream, field)
        first = text.readline(1_000_000)
        if not first.strip():
            raise Invalid(f"The file is empty. It needs the columns {', '.join(columns)}.", field=field)
        delimiter = max("\t;,", key=lambda each: len(next(csv.reader([first], delimiter=each), [])))
        cells = [cell.strip() for cell in next(csv.reader([first], delimiter=delimiter), [])]
        names = [ALSO.get(cell.lower(), cell.lower()) for cell in cells]
        self.named = set(columns) <= set(names)
        if not self.named and len(cells) != len(columns):
            shown = ", ".join(cell.encode("utf-8", "replace").decode()[:40] for cell in cells[:12])
            raise Invalid(
                f"The first row says: {shown}. A first row with the columns {', '.join(columns)} is needed.",
                field=field,
            )
        self._at = [names.index(column) for column in columns] if self.named else list(range(len(columns)))
        self._width = len(cells)
        self._first = None if self.named else cells
        self._lines = csv.reader(text, delimiter=delimiter, strict=True)

    def rows(self) -> Iterator[tuple[int, list[str], str]]:
        for number, (cells, reason) in enumerate(self._records(), 1):
            if not reason and len(cells) != self._width:
                reason = f"has {len(cells)} fields; {self._width} are needed"
            picked = [] if reason else [cells[at].strip() for at in self._at]
            yield number, picked, reason or self._gap(picked)

    def _records(self) -> Iterator[tuple[list[str], str]]:
        if self._first is not None:
            yield self._first, ""
        while True:
            try:
                cells = next(self._lines)
            except StopIteration:
                return
            except csv.Error as error:
                yield [], f"is no proper CSV ({error})"
                continue
            if any(cell.strip() for cell in cells):
                yield cells, ""

    def _gap(self, cells: list[str]) -> str:
        for column, cell in zip(self._columns, cells, strict=True):
            if not cell:
                return f"has no {column}"
            if not cell.isascii() and any("\ud800" <= character <= "\udfff" for character in cell):
                return f"has a {column} that is not UTF-8"
        return ""


def _text(stream: BinaryIO, field: str) -> io.TextIOWrapper:
    data = io.BytesIO(stream.read())
    if data.getvalue()[:2] == b"\x1f\x8b":
        data = io.BytesIO(_unpacked(data, field))
    head = data.getvalue()[:2]
    if head == b"PK":
        raise Invalid("This is a spreadsheet or an archive. Save it as CSV.", field=field)
    if head in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return io.TextIOWrapper(data, "utf-16", errors="replace", newline="")
    return io.TextIOWrapper(data, "utf-8-sig", errors="surrogateescape", newline="")


def _unpacked(data: io.BytesIO, field: str) -> bytes:
    try:
        return gzip.GzipFile(fileobj=data).read()
    except (OSError, EOFError, zlib.error) as error:
        raise Invalid(f"The file is compressed, and damaged ({error}).", field=field) from error
