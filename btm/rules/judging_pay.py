"""What a judgement pays: the full price for labels as good as specified, and a share of it for labels of which several are
needed to tell as much.

Source: J. Wang, P. Ipeirotis and F. Provost, "Cost-effective quality assurance in crowd labeling" (Information Systems
Research 28, 2017); design section 3.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from numpy.typing import ArrayLike

from btm.rules.worker_quality import judges_needed, pay_factor


class JudgingPaySettings(Protocol):
    """What `judging_price` reads of a challenge's rules."""

    @property
    def quality_specification(self) -> float: ...
    @property
    def pay_proof_judgements(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Pay:
    """What one judgement pays. needed: how many such judges tell together what the specification asks (1 for a judge who meets
    it, or who is not measured yet), None where no panel does. share: of the full price, before rounding, 0 to 1."""

    points: int
    needed: int | None
    share: float


def judging_price(
    full_price: int,
    confusion: ArrayLike,
    priors: ArrayLike,
    cost: ArrayLike,
    judgements: int,
    settings: JudgingPaySettings,
) -> Pay:
    """The price of this judge's next judgement: `full_price / needed`, rounded half up, and at least 1 point of a price above 0.

    Full until the judge gave `pay_proof_judgements`, so that nobody is paid less for being new, and full from
    `quality_specification` up. The default specification of .4 is what a judge right 82 times of 100 reaches on two even labels,
    where quality is `(2 * accuracy - 1)**2`. Nothing is paid only for labels that tell next to nothing: where even the largest
    panel that `judges_needed` looks at does not reach the specification.

    full_price: points, from 0. confusion: shape (k, k), rows true, columns given. priors: shape (k,). cost: shape (k, k),
    `cost[true][assigned]`. judgements: how many this judge gave. Raises ValueError on wrong shapes, sums or ranges.
    """
    if full_price < 0:
        raise ValueError(f"full_price is {full_price}, below 0")
    needed: int | None = 1
    if judgements >= settings.pay_proof_judgements:
        needed = judges_needed(confusion, priors, cost, settings.quality_specification, "expected")
    if needed is None:
        return Pay(0, None, 0.0)
    points = (2 * full_price + needed) // (2 * needed)
    return Pay(max(points, min(1, full_price)), needed, pay_factor(needed))
