"""Money that leaves: what of somebody's points is paid out, the life of a batch of payments, and of each payment in it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor

from btm.rules.errors import Conflict, Forbidden

NEXT: dict[str, tuple[str, ...]] = {
    "open": ("frozen", "cancelled"),
    "frozen": ("approved", "cancelled"),
    "approved": ("paying", "cancelled"),
    "paying": ("paid",),
    "paid": ("paying", "reconciled"),
    "reconciled": ("paying",),
    "cancelled": (),
}
"""The states of a batch and those that may follow. From `paid` and `reconciled` it pays again only what was refused."""
ON_THE_WAY = ("pending", "sending", "unsure")
"""States of a payment that has to be seen to. `sending`: the platform was, or is about to be, asked; `unsure`: it gave no answer."""
HELD = (*ON_THE_WAY, "refused")
"""States of a payment whose points have left a worker's balance and not reached the worker."""
BY_FILE = frozenset({"local", "link"})
"""Platforms that pay by a file for a bank, and know nothing of what became of it."""
WORDS = {
    "open": "not frozen yet",
    "frozen": "frozen",
    "approved": "approved",
    "paying": "being paid",
    "paid": "paid",
    "reconciled": "reconciled",
    "cancelled": "cancelled",
}
SPEECH = {
    "frozen": "frozen",
    "approved": "approved",
    "paying": "paid",
    "cancelled": "cancelled",
    "reconciled": "reconciled",
}


@dataclass(frozen=True, slots=True)
class Share:
    """What somebody gets: whole cents, and the points that go for them as (challenge id, points, points per dollar)."""

    cents: int
    parts: tuple[tuple[int, int, int], ...]

    @property
    def points(self) -> int:
        return sum(points for _, points, _ in self.parts)


def share(balances: Sequence[tuple[int, int, int]]) -> Share:
    """What is paid out of somebody's balances, each (challenge id, points, points per dollar).

    Points of challenges with one rate are added up, rounded down to whole cents, and as few are taken as these cents are worth; the rest
    stays. Rate 0 is for fame alone. A balance below 0 (taken back after a payment) is made up for by the others.
    """
    by_rate: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for challenge_id, points, rate in sorted(balances):
        if rate > 0 and points:
            by_rate[rate].append((challenge_id, points))
    owed = -sum((Fraction(min(0, _total(lines)), rate) for rate, lines in by_rate.items()), Fraction(0))
    cents, parts = 0, []
    for rate, lines in sorted(by_rate.items()):
        points = _total(lines)
        held = min(max(0, points), ceil(owed * rate))
        owed = max(Fraction(0), owed - Fraction(held, rate))
        whole = floor(Fraction(max(0, points) - held, rate) * 100)
        cents += whole
        parts += _take(lines, ceil(Fraction(whole * rate, 100)), rate)
    return Share(cents, tuple(parts))


def _total(lines: Sequence[tuple[int, int]]) -> int:
    return sum(points for _, points in lines)


def _take(lines: Sequence[tuple[int, int]], wanted: int, rate: int) -> list[tuple[int, int, int]]:
    """So many points out of the challenges that have some, the oldest challenge first."""
    taken = []
    for challenge_id, points in lines:
        some = min(wanted, max(0, points))
        if some:
            taken.append((challenge_id, some, rate))
            wanted -= some
    return taken


def check_next(state: str, wanted: str) -> None:
    """Raises Conflict unless a batch in `state` may become `wanted`."""
    if wanted in NEXT[state]:
        return
    if wanted == "cancelled":
        raise Conflict(
            f"This batch is {WORDS[state]}, and can no longer be cancelled. What was refused can be given back.",
            code="wrong_state",
        )
    raise Conflict(
        f"This batch is {WORDS[state]}, so it cannot be {SPEECH.get(wanted, wanted)} now.", code="wrong_state"
    )


def check_second_pair_of_eyes(frozen_by: int | None, approver: int | None, four_eyes: bool) -> None:
    """Raises Forbidden where another person than the one who froze a batch has to approve it. None: the operator, who is one person
    however many log in."""
    if four_eyes and frozen_by == approver:
        raise Forbidden(
            "Somebody else has to approve this batch than the one who froze it: that is how this place is set up. Ask another admin.",
            code="four_eyes",
        )


def is_done(counts: dict[str, int]) -> bool:
    """Whether nothing of a batch has to be seen to any more. counts: how many payments are in each state."""
    return not any(counts.get(state) for state in ON_THE_WAY)


@dataclass(frozen=True, slots=True)
class Line:
    """One payment as one side has it. `cents` is None where that side does not say."""

    key: str
    reference: str
    cents: int | None
    is_paid: bool = True


@dataclass(frozen=True, slots=True)
class Difference:
    """Where both sides disagree. kind: `missing` (paid by our rows, unknown there), `unexpected` (paid there, not by our rows),
    `reference`, `amount`, or `unknown` (paid there under a key that is not of this batch)."""

    key: str
    kind: str
    ours: str
    theirs: str


def differences(ours: Sequence[Line], theirs: Sequence[Line]) -> list[Difference]:
    """What the other side says otherwise than our rows, ours first in their order."""
    by_key = {line.key: line for line in theirs}
    found = []
    for line in ours:
        other = by_key.pop(line.key, None)
        if other is None:
            if line.is_paid:
                found.append(Difference(line.key, "missing", "paid", "nothing"))
        elif not line.is_paid:
            found.append(Difference(line.key, "unexpected", "not paid", f"paid ({other.reference})"))
        elif other.cents is not None and other.cents != line.cents:
            found.append(Difference(line.key, "amount", f"{line.cents} cents", f"{other.cents} cents"))
        elif other.reference and line.reference and other.reference != line.reference:
            found.append(Difference(line.key, "reference", line.reference, other.reference))
    return found + [Difference(line.key, "unknown", "nothing", "paid") for line in by_key.values()]
