"""The lowest reward that still brings pages, and good ones: halve it until pace or quality breaks, and keep the last that held.

Each step is compared with the first, whose reward is the one that there was. A step ends when its 95% interval lies on one side of what
has to be kept; where it never does, it ends with four times the pages that were asked for, and its point estimate decides.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, log, sqrt

from btm.rules.errors import Invalid

Z = 1.96
PATIENCE = 4
"""A step goes on for at most so many times the pages, and waits for too few of them so many times the hours, that were asked for."""
KEPT, PACE, QUALITY, TOO_FEW = "kept", "pace", "quality", "too_few"
WORDS = {
    KEPT: "held", PACE: "too few pages came", QUALITY: "too few of them were finds", TOO_FEW: "too few pages to compare with",
    "first": "what there was", "": "under way", "cut": "broken off",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Terms:
    """What a search must keep, as shares of the first step's, and how much each step has to see at least."""

    keep_pace: float = 0.7
    keep_quality: float = 0.8
    least_hours: float = 24.0
    least_pages: int = 30


@dataclass(frozen=True, slots=True)
class Seen:
    """What came in a step: pages committed at its reward, of them decided, of those finds, in so many hours."""

    committed: int
    decided: int
    finds: int
    hours: float

    @property
    def pace(self) -> float:
        """Pages a day."""
        return 24 * self.committed / self.hours if self.hours > 0 else 0.0

    @property
    def quality(self) -> float | None:
        """The share of the decided pages that were finds."""
        return self.finds / self.decided if self.decided else None


@dataclass(frozen=True, slots=True)
class Ratio:
    """A figure of a step as a share of the first step's, with its 95% interval."""

    value: float
    low: float
    high: float


def check_terms(terms: Terms) -> Terms:
    """The terms, if they can be meant. Raises Invalid with the field to blame."""
    for name in ("keep_pace", "keep_quality"):
        if not 0.1 <= getattr(terms, name) <= 1:
            raise Invalid("Keep a share from 10 to 100 percent.", field=name)
    if not 1 <= terms.least_hours <= 24 * 60:
        raise Invalid("A step takes from 1 hour to 60 days.", field="least_hours")
    if not 10 <= terms.least_pages <= 100_000:
        raise Invalid(
            "A step needs at least 10 pages to say anything, and at most 100,000.", field="least_pages"
        )
    return terms


def pace_ratio(first: Seen, step: Seen) -> Ratio:
    """Pages a day against the first step's. Counts are taken as Poisson; half a page is added to each, so that none is said too."""
    a, b = step.committed + 0.5, first.committed + 0.5
    value = (a / max(step.hours, 1e-9)) / (b / max(first.hours, 1e-9))
    return _ratio(value, sqrt(1 / a + 1 / b))


def quality_ratio(first: Seen, step: Seen) -> Ratio:
    """The share of finds against the first step's. Half a find is added to each."""
    a, b, n, m = step.finds + 0.5, first.finds + 0.5, step.decided + 1, first.decided + 1
    return _ratio((a / n) / (b / m), sqrt(max(0.0, 1 / a - 1 / n + 1 / b - 1 / m)))


def _ratio(value: float, spread: float) -> Ratio:
    return Ratio(value, exp(log(value) - Z * spread), exp(log(value) + Z * spread))


def first_verdict(step: Seen, terms: Terms) -> str:
    """How the first step ended: KEPT, TOO_FEW, or an empty string while it goes on."""
    if step.hours >= terms.least_hours and step.decided >= terms.least_pages and step.finds:
        return KEPT
    return TOO_FEW if step.hours >= PATIENCE * terms.least_hours else ""


def step_verdict(first: Seen, step: Seen, terms: Terms) -> str:
    """How a later step ended: KEPT, PACE, QUALITY, or an empty string while it goes on."""
    if step.hours < terms.least_hours:
        return ""
    if step.decided < terms.least_pages:
        return PACE if step.hours >= PATIENCE * terms.least_hours else ""
    is_last = step.decided >= PATIENCE * terms.least_pages
    pace = _stands(pace_ratio(first, step), terms.keep_pace, is_last)
    quality = _stands(quality_ratio(first, step), terms.keep_quality, is_last)
    if pace is False:
        return PACE
    if quality is False:
        return QUALITY
    return KEPT if pace and quality else ""


def _stands(ratio: Ratio, keep: float, is_last: bool) -> bool | None:
    """Whether a figure holds; None while that cannot be said."""
    if ratio.low >= keep:
        return True
    if ratio.high < keep:
        return False
    return ratio.value >= keep if is_last else None


def next_value(value: int, lowest: int) -> int | None:
    """Half a reward; None where that would be below `lowest`, so that the search ends."""
    half = value // 2
    return half if half >= max(1, lowest) and half < value else None
