"""What stands in the way of deleting an account, and what has to be given up with it."""

from __future__ import annotations

from dataclasses import dataclass

from btm.rules.errors import Conflict

PREFIX = "gone-"


@dataclass(frozen=True, slots=True)
class Ties:
    """What ties a person to this place. payouts: the ids of batches that hold a payment to them; tasks: assignments on platforms
    that are not settled; unpaid: their points that are not paid out (they may be negative); waiting: points promised to them."""

    payouts: tuple[str, ...] = ()
    tasks: int = 0
    is_last_admin: bool = False
    unpaid: int = 0
    waiting: int = 0


def pseudonym(new_id: str) -> str:
    """The name that stands in everything that stays."""
    return f"{PREFIX}{new_id[:16]}"


def why_not(ties: Ties) -> str:
    """A sentence on what stands in the way of erasing somebody now; empty where nothing does."""
    if ties.payouts:
        return (
            f"A payment is on its way (batch {', '.join(ties.payouts)}), and it needs a name to go to. The account can be deleted "
            "once it has arrived, or was given back."
        )
    if ties.tasks:
        return (
            "A task on a platform is not settled yet. Hand it in or give it back there; the account can be deleted once it was "
            "approved."
        )
    if ties.is_last_admin:
        return "This is the only admin here. Make somebody else an admin first."
    return ""


def check_erasable(ties: Ties, giving_up: int) -> None:
    """Raises Conflict: `held` where something stands in the way, `unpaid` where more points would be lost than the person knows of.
    giving_up: how many they agreed to lose, promised ones included."""
    if reason := why_not(ties):
        raise Conflict(reason, code="held")
    lost = points_lost(ties)
    if lost > giving_up:
        raise Conflict(
            f"{lost:,} points are not paid out, or still promised, and would be lost. Agree to that, or wait until they are paid.",
            code="unpaid",
        )


def points_lost(ties: Ties) -> int:
    """How many points go with the account."""
    return max(0, ties.unpaid) + ties.waiting
