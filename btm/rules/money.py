"""Points move between three pots: a challenge's free budget, what is promised (escrow), and the workers.

Every entry says how much each pot gains. Within the game an entry sums to zero; only funding and payouts cross its
border. A balance is always a sum of entries, and every entry has a key that can be written once.
"""

from __future__ import annotations

from dataclasses import dataclass

from btm.rules.settings import ChallengeRules

BORDER = frozenset({"fund", "payout"})
KINDS = frozenset(
    {"fund", "reserve", "release", "bonus", "base", "deadline", "judging", "reversal", "payout"}
)
EARNINGS = ("bonus", "base", "deadline", "judging", "reversal")


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the ledger, in points. `key` is unique for ever; `reason` is a sentence for the person who reads it."""

    key: str
    kind: str
    budget: int
    escrow: int
    worker: int
    reason: str

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"{self.kind!r} is no kind of ledger entry")
        if self.kind not in BORDER and self.budget + self.escrow + self.worker != 0:
            raise ValueError(f"entry {self.key} makes or loses points")


def fund(key: str, points: int, reason: str) -> Entry:
    """Points come into a challenge's budget from outside."""
    return Entry(f"fund:{key}", "fund", points, 0, 0, reason)


def reserve(submission: int, points: int) -> Entry:
    """Points are promised to a submission, and to those who will judge it."""
    return Entry(f"reserve:{submission}", "reserve", -points, points, 0, "Promised at commit")


def release(submission: int, points: int) -> Entry:
    """What is left of a promise goes back to the budget."""
    return Entry(f"release:{submission}", "release", points, -points, 0, "Not needed")


def pay(kind: str, key: str, points: int, reason: str) -> Entry:
    """Promised points go to a worker."""
    return Entry(f"{kind}:{key}", kind, 0, -points, points, reason)


def pay_from_budget(kind: str, key: str, points: int, reason: str) -> Entry:
    """Points go to a worker for work that no submission paid for (gold, audit, pool)."""
    return Entry(f"{kind}:{key}", kind, -points, 0, points, reason)


def whole_price(quote_reserve: int, rules: ChallengeRules) -> int:
    """All that a submission may cost, in points: the most its page may pay, and every judgement that it may need."""
    return quote_reserve + rules.judging_price * rules.max_judgements


def dollars(points: int, points_per_usd: int) -> float:
    """Points as dollars at a challenge's rate."""
    return points / points_per_usd
