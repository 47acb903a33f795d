"""The life of a submission: its states, and which may follow which."""

from __future__ import annotations

STATES = (
    "queued", "fetching", "quoted", "in_review", "confirmed", "rejected", "undecided", "refused", "withdrawn",
)  # fmt: skip
MOVES: dict[str, frozenset[str]] = {
    "queued": frozenset({"fetching", "withdrawn"}),
    "fetching": frozenset({"queued", "quoted", "refused", "withdrawn"}),
    "quoted": frozenset({"in_review", "withdrawn", "refused"}),
    "in_review": frozenset({"confirmed", "rejected", "undecided", "withdrawn"}),
    "undecided": frozenset({"confirmed", "rejected"}),
    "confirmed": frozenset(),
    "rejected": frozenset(),
    "refused": frozenset(),
    "withdrawn": frozenset(),
}
ON_THE_WAY = ("queued", "fetching", "quoted")
COMMITTED = ("in_review", "confirmed", "rejected", "undecided")


def may_move(old: str, new: str) -> bool:
    """Whether a submission in state `old` may become `new`."""
    return new in MOVES[old]


def may_withdraw(state: str, judgements: int) -> bool:
    """Withdrawing is free until the first judgement."""
    return may_move(state, "withdrawn") and (state != "in_review" or judgements == 0)
