"""Whether a judge may go on, and what to tell them. They are told what to do better and never a score: people chase scores, or
resent them. Design section 3."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

ENOUGH_ANSWERS = 20
"""Of fewer answers nothing is said: they may be chance."""
ENOUGH_GOLD = 5
"""Of fewer gold answers it is not said that somebody does well."""
HASTY_SHARE = 0.1
"""From this share of hasty answers on, a judge is told to take more time. A careful one has far below 1 in 100."""
UNSURE_SHARE = 0.25
"""From this share of answers without a label on, a judge is told that a likely label helps more than none."""
LEAST_MISSES = 2
"""So often a label must have been missed before it is named, and"""
MISSED_SHARE = 0.1
"""in this share of all gold that the judge was asked: a slip or two among many is nobody's habit."""
DOING_WELL = 0.8
"""From this share of gold answered right on, a judge of whom there is nothing to say is told that they do well."""


class Standing(StrEnum):
    """May judge, or may not."""

    ACTIVE = "active"
    BLOCKED = "blocked"


class StandingSettings(Protocol):
    """What `should_block` reads of a challenge's rules."""

    @property
    def min_gold_accuracy(self) -> float: ...
    @property
    def min_gold_answers(self) -> int: ...


@dataclass(frozen=True, slots=True)
class JudgeRecord:
    """A judge's answers in one challenge. judgements: all of them. hasty: of these, those that came too fast. cannot: of these,
    those without a label. gold_asked, gold_right: answers to gold, without those under dispute. missed_labels: how often gold of
    each true label was missed."""

    judgements: int
    hasty: int
    cannot: int
    gold_asked: int
    gold_right: int
    missed_labels: Mapping[str, int]


def should_block(right: int, asked: int, settings: StandingSettings) -> bool:
    """Whether a judge's gold accuracy is below `min_gold_accuracy` after at least `min_gold_answers`.

    right, asked: gold answers, without those under dispute. Raises ValueError when right is not from 0 to asked.
    """
    if not 0 <= right <= asked:
        raise ValueError(f"right is {right}, not from 0 to asked, {asked}")
    return asked >= settings.min_gold_answers and right / asked < settings.min_gold_accuracy


def advice(record: JudgeRecord) -> list[str]:
    """What to tell a judge, as stable codes, the most pressing first: "hasty", "misses:<label>" (the label missed most often on
    gold; of equals the first by name), "unsure_often". "doing_well" stands alone; the list is empty where too little is known."""
    codes = ["hasty"] if _often(record.hasty, record.judgements, HASTY_SHARE) else []
    missed = _most_missed(record)
    if missed is not None:
        codes.append(f"misses:{missed}")
    if _often(record.cannot, record.judgements, UNSURE_SHARE):
        codes.append("unsure_often")
    well = record.gold_right >= DOING_WELL * record.gold_asked and record.gold_asked >= ENOUGH_GOLD
    return codes or (["doing_well"] if well and record.judgements >= ENOUGH_ANSWERS else [])


def _often(some: int, all_answers: int, share: float) -> bool:
    return all_answers >= ENOUGH_ANSWERS and some >= share * all_answers


def _most_missed(record: JudgeRecord) -> str | None:
    least = max(LEAST_MISSES, MISSED_SHARE * record.gold_asked)
    often = sorted((-times, label) for label, times in record.missed_labels.items() if times >= least)
    return often[0][1] if often else None
