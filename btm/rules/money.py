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


def reserve(submission: int, points: int, turn: int | str = 0) -> Entry:
    """Points are promised to a submission, and to those who will judge it. turn: what tells later promises from the first."""
    reason = "Promised because it is judged again" if turn else "Promised at commit"
    return Entry(_of_turn(f"reserve:{submission}", turn), "reserve", -points, points, 0, reason)


def release(submission: int, points: int, turn: int = 0) -> Entry:
    """What is left of a promise goes back to the budget. turn: how often the verdict was taken up again."""
    return Entry(_of_turn(f"release:{submission}", turn), "release", points, -points, 0, "Not needed")


def take_back(key: str, points: int, reason: str) -> Entry:
    """Points that a worker had not been paid out go back to the budget; below 0, what was taken back is given again."""
    return Entry(f"reversal:{key}", "reversal", points, 0, -points, reason)


def of_turn(submission: int, turn: int) -> str:
    """The key of a payment for a submission whose verdict was taken up again `turn` times."""
    return _of_turn(str(submission), turn)


def _of_turn(key: str, turn: int | str) -> str:
    return f"{key}:{turn}" if turn else key


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
    """Points as dollars at a challenge's rate; at rate 0 they are for fame, and worth nothing."""
    return points / points_per_usd if points_per_usd else 0.0


def pay_out(key: str, points: int, reason: str) -> Entry:
    """Points leave a worker's balance for their pocket; below 0 they come back, because a payment was not made after all."""
    return Entry(f"payout:{key}", "payout", 0, 0, -points, reason)


def payout_key(batch: int, account: int, challenge: int) -> str:
    """A worker's points of one challenge leave once in a batch."""
    return f"{batch}:{account}:{challenge}"
