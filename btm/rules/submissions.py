"""The life of a submission: its states, and which may follow which."""

from __future__ import annotations

from datetime import datetime, timedelta

STATES = (
    "queued", "fetching", "quoted", "in_review", "confirmed", "rejected", "undecided", "refused", "withdrawn",
)  # fmt: skip
MOVES: dict[str, frozenset[str]] = {
    "queued": frozenset({"fetching", "withdrawn", "refused"}),
    "fetching": frozenset({"queued", "quoted", "refused", "withdrawn"}),
    "quoted": frozenset({"in_review", "withdrawn", "refused"}),
    "in_review": frozenset({"confirmed", "rejected", "undecided", "withdrawn", "refused"}),
    "undecided": frozenset({"confirmed", "rejected", "in_review", "refused"}),
    "confirmed": frozenset({"rejected", "refused"}),
    "rejected": frozenset({"confirmed", "undecided", "refused"}),
    "refused": frozenset(),
    "withdrawn": frozenset(),
}
"""From confirmed and rejected there is a way on only when the page was judged again. A player may ask for that after a rejection; a
win is taken up only when a judge whose answers carried it was blocked. Whatever is taken down ends as refused, from every state."""
ON_THE_WAY = ("queued", "fetching", "quoted")
COMMITTED = ("in_review", "confirmed", "rejected", "undecided")


def may_move(old: str, new: str) -> bool:
    """Whether a submission in state `old` may become `new`."""
    return new in MOVES[old]


def may_withdraw(state: str, judgements: int) -> bool:
    """Withdrawing is free until the first judgement."""
    return may_move(state, "withdrawn") and (state != "in_review" or judgements == 0)


def appeal_until(settled_at: datetime, appeal_days: float) -> datetime:
    """Until when a rejection may be appealed."""
    return settled_at + timedelta(days=appeal_days)


def why_no_appeal(
    state: str,
    settled_at: datetime | None,
    now: datetime,
    appeal_days: float,
    *,
    is_appealed: bool,
    is_reopened: bool,
    by_team: bool,
) -> str:
    """Why a submission cannot be appealed, as a code; empty where it can. Only a rejection by judges can, once, in good time: a
    win is never put at risk, and what somebody of the team decided has been before fresh eyes already."""
    if state != "rejected" or settled_at is None:
        return "not_rejected"
    if is_appealed:
        return "appealed"
    if is_reopened:
        return "reopened"
    if by_team:
        return "decided_by_team"
    return "too_late" if now > appeal_until(settled_at, appeal_days) else ""
