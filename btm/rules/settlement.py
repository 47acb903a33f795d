"""What a submission is paid, once the truth is known or the wait was too long."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from numpy.typing import ArrayLike

from btm.rules import scoring
from btm.rules.quotes import bonus_for_truth
from btm.rules.settings import ChallengeRules


@dataclass(frozen=True, slots=True)
class CommittedQuote:
    """A frozen quote: the machine's probabilities, shape (k,), what was claimed, and what was promised."""

    probabilities: Sequence[float]
    assigned: int
    target: int
    novelty: float
    prevalence_weight: float
    points: int


@dataclass(frozen=True, slots=True)
class Settlement:
    """The end of a submission: its state, the bonus and base pay in points, and whether the machine was wrong.

    `severity` is that of the verified label; `kind` is bonus or base, and names the ledger entry."""

    state: str
    kind: str
    points: int
    is_error: bool
    severity: float


def settle(
    quote: CommittedQuote, truth: int, cost: ArrayLike, rules: ChallengeRules, base_paid_today: int
) -> Settlement:
    """Pay for a page that was verified as `truth`. A committed quote never falls: a claim that was right pays at least
    what was promised. base_paid_today: the base pay that this player already had today, in points."""
    severity = scoring.severity(quote.probabilities, truth, cost)
    is_error = truth != quote.assigned
    points = bonus_for_truth(
        quote.probabilities, truth, quote.target, cost, quote.novelty, quote.prevalence_weight, rules
    )
    if truth == quote.target:
        return Settlement("confirmed", "bonus", max(points, quote.points), is_error, severity)
    if is_error and points > 0:
        return Settlement("confirmed", "bonus", points, True, severity)
    base = rules.base_pay if base_paid_today + rules.base_pay <= rules.base_pay_daily_cap else 0
    return Settlement("rejected", "base", base, is_error, severity)


def settle_again(settlement: Settlement, old_state: str, paid: int) -> Settlement:
    """A new verdict's settlement, seen from what the submission already brought (`paid`, in points): a page that was rejected and
    is so again, as whatever label, keeps what was paid for the effort."""
    if settlement.state == old_state == "rejected":
        return replace(settlement, points=paid)
    return settlement


def difference(points: int, paid: int, unpaid: int) -> tuple[int, int]:
    """What is still to pay, and what is to be taken back, in points, so that a submission that brought `paid` brings `points`.

    unpaid: what its player could still be paid out; no more than that is ever taken back, so no balance falls below 0.
    """
    return max(0, points - paid), max(0, min(paid - points, unpaid))


class Promised(Protocol):
    """What a player was promised."""

    @property
    def points(self) -> int: ...


def settle_overdue(quote: Promised) -> Settlement:
    """Nobody decided in time: the player is paid what was promised, and nothing is learned."""
    return Settlement("undecided", "deadline", quote.points, False, 0.0)
