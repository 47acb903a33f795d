"""What a new example is worth while there is no machine to beat: how much its label is still wanted, and how new it is.

Sources: J. Attenberg and F. Provost, "Why label when you can search?" (KDD 2010), for guided learning: people search for examples
of each class, in the proportion asked for, because labelling at random meets a rare class too seldom. L. Kish, "Survey
Sampling" (1965), for what several pages of one site are worth together.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from btm.rules import scoring
from btm.rules.errors import Conflict, Invalid
from btm.rules.machines import MIN_PER_LABEL
from btm.rules.settings import ChallengeRules
from btm.rules.settlement import Settlement


@dataclass(frozen=True, slots=True)
class Newness:
    """How new a page is. site_pages: accepted or waiting examples of the same site before it. foreseeable: how much its text is like
    accepted examples of the same label, 0 to 1. novelty: both together, 0 to 1."""

    site_pages: int
    foreseeable: float
    novelty: float


@dataclass(frozen=True, slots=True)
class ExampleQuote:
    """What a page would pay if it is truly of the label `claimed` (an index). wants: how much each label is wanted, 0 to 1, in
    order. reserve: the most that it may pay whatever the truth turns out to be."""

    claimed: int
    wants: tuple[float, ...]
    newness: Newness
    points: int
    reserve: int

    @property
    def want(self) -> float:
        return self.wants[self.claimed]


@dataclass(frozen=True, slots=True)
class NotWanted:
    """Too little to gain. reason: enough (no label is wanted any more), label_full, site_known or too_alike."""

    reason: str


@dataclass(frozen=True, slots=True)
class CommittedExample:
    """A frozen quote for an example."""

    claimed: int
    wants: Sequence[float]
    novelty: float
    points: int


def check_proportions(labels: Sequence[str], proportions: Mapping[str, object]) -> dict[str, float]:
    """The proportions as they are kept: nothing, which asks for as many of each label, or a number above 0 for every label.

    They need not sum to 1. Raises Invalid (field `proportions`).
    """
    if not proportions:
        return {}
    unknown = sorted(set(proportions) - set(labels))
    if unknown:
        raise Invalid(
            f"{unknown[0]!r} is no label of this challenge; its labels are {', '.join(labels)}.",
            field="proportions",
        )
    kept: dict[str, float] = {}
    for label in labels:
        value = proportions.get(label, 0)
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value <= 1e6:
            raise Invalid(
                f"Give {label} a share above 0, or leave all shares empty to ask for as many of each. "
                "A machine cannot learn a label of which it has seen nothing.",
                field="proportions",
            )
        kept[label] = float(value)
    return kept


def shares(labels: Sequence[str], proportions: Mapping[str, float]) -> list[float]:
    """The share of all examples that each label is to have, in order, summing to 1; equal ones where nothing was asked for."""
    weights = [proportions.get(label, 0.0) for label in labels] if proportions else [1.0] * len(labels)
    total = sum(weights)
    if total <= 0:
        raise ValueError("no label is asked for")
    return [weight / total for weight in weights]


def wanted_counts(shares: Sequence[float], goal: int, least: int) -> list[int]:
    """How many examples of each label are asked for: its share of `goal`, rounded up, and no fewer than `least`, with which a first
    machine can be trained."""
    return [max(least, math.ceil(goal * share - 1e-9)) for share in shares]


def wants(counts: Sequence[int], wanted: Sequence[int]) -> tuple[float, ...]:
    """How much each label is wanted now, 0 to 1: its share of all that is still missing, over its share of all that was asked for.

    counts: examples that are verified or wait for their verdict. A label that keeps pace with the others counts 1 until it is full;
    one that has run ahead counts less, so that the proportion comes back; a full one counts 0.
    """
    missing = [max(0, want - count) for count, want in zip(counts, wanted, strict=True)]
    left, asked = sum(missing), sum(wanted)
    if not left:
        return (0.0,) * len(missing)
    return tuple(
        min(1.0, (miss / left) / (want / asked)) if want else 0.0
        for miss, want in zip(missing, wanted, strict=True)
    )


def effective_pages(pages: int, likeness: float) -> float:
    """What so many pages of one site are worth as examples, in pages of different sites: `n / (1 + (n - 1) * likeness)`.

    Kish's design effect. likeness: how much alike two pages of a site are (the intra-class correlation), from 0 to below 1.
    """
    return pages / (1 + (pages - 1) * likeness) if pages > 0 else 0.0


def site_novelty(pages: int, likeness: float) -> float:
    """What one more page adds to a site of which there are `pages`: the growth of `effective_pages`. 1 for the first page; with a
    likeness of .3: .54, .34, .23, .17 for the next four, .0007 for the hundredth. Raises ValueError for what is out of range."""
    if pages < 0 or not 0 <= likeness < 1:
        raise ValueError(f"{pages} pages of a site with a likeness of {likeness}")
    return effective_pages(pages + 1, likeness) - effective_pages(pages, likeness)


def newness(site_pages: int, foreseeable: float, rules: ChallengeRules) -> Newness:
    """How new a page is, by its site and by its text: the product of the two.

    foreseeable: 0 to 1, see `scoring.novelty`, whose floor holds for the text alone.
    """
    by_text = scoring.novelty(foreseeable, rules.novelty_floor)
    return Newness(site_pages, foreseeable, site_novelty(site_pages, rules.site_likeness) * by_text)


def quote_example(
    claimed: int, wants: Sequence[float], new: Newness, rules: ChallengeRules
) -> ExampleQuote | NotWanted:
    """The quote for a page claimed to be of a label: `round(max_bonus * want * novelty)`. One below `min_quote` is refused."""
    points = pay_for(wants[claimed], new.novelty, rules)
    if points < rules.min_quote:
        return NotWanted(_why(wants, claimed, new, rules))
    reserve = max(pay_for(want, new.novelty, rules) for want in wants)
    return ExampleQuote(claimed, tuple(wants), new, points, max(reserve, points, rules.base_pay))


def _why(wants: Sequence[float], claimed: int, new: Newness, rules: ChallengeRules) -> str:
    if not any(wants):
        return "enough"
    if pay_for(wants[claimed], 1.0, rules) < rules.min_quote:
        return "label_full"
    by_site = site_novelty(new.site_pages, rules.site_likeness)
    return "site_known" if by_site < scoring.novelty(new.foreseeable, rules.novelty_floor) else "too_alike"


def pay_for(want: float, novelty: float, rules: ChallengeRules) -> int:
    """Points for an example: `scoring.bonus` with how much it is wanted in the place of severity, and nothing sharpened."""
    return scoring.bonus(want, novelty, max_bonus=rules.max_bonus, sharpness=1.0)


def settle_example(
    quote: CommittedExample, truth: int, rules: ChallengeRules, base_paid_today: int
) -> Settlement:
    """Pay for a page that was verified as `truth`: at least what was promised where that is what its player said, and otherwise
    what an example of its true label was worth when it was quoted. One that nobody wanted gets the base pay.

    base_paid_today: the base pay that this player already had today, in points.
    """
    want = quote.wants[truth]
    points = pay_for(want, quote.novelty, rules)
    if truth == quote.claimed:
        return Settlement("confirmed", "bonus", max(points, quote.points), False, want)
    if points >= max(1, rules.min_quote):
        return Settlement("confirmed", "bonus", points, False, want)
    base = rules.base_pay if base_paid_today + rules.base_pay <= rules.base_pay_daily_cap else 0
    return Settlement("rejected", "base", base, False, want)


def missing(counts: Mapping[str, int], labels: Sequence[str], least: int) -> dict[str, int]:
    """How many verified examples of each label are still missing before a first machine can be trained; labels that have enough
    are left out."""
    needed = max(least, MIN_PER_LABEL)
    short = {label: needed - counts.get(label, 0) for label in labels}
    return {label: count for label, count in short.items() if count > 0}


def check_enough(counts: Mapping[str, int], labels: Sequence[str], least: int) -> None:
    """Raises Conflict (`too_few`) while verified examples are missing, and says of what."""
    short = missing(counts, labels, least)
    if short:
        told = ", ".join(f"{count} more of {label}" for label, count in short.items())
        raise Conflict(
            f"There are too few verified examples for a first machine: {told} {'is' if sum(short.values()) == 1 else 'are'} needed. "
            "Let players go on, or lower collect_least.",
            code="too_few",
        )
