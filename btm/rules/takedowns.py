"""Content that must never be shown or kept: why it may be taken down, and what its player is paid."""

from __future__ import annotations

REASONS = ("illegal", "private", "rights", "harmful", "other")
UNPAID = frozenset({"illegal"})
"""What nobody may hand in, whatever a challenge looks for: a page that was not decided yet pays its player nothing then."""
WAITING = ("in_review", "undecided")


def owed(reason: str, state: str, *, is_settled: bool, promised: int, paid: int) -> int:
    """What a page's player is still to be paid when it is taken down, in points.

    A page that was settled keeps what it brought: nothing is taken back, and a verdict that was taken up again ends as it stood. One
    that waits for its verdict brings what was promised, as where nobody decides in time, so that no takedown can save a
    challenge its points; but nothing where the content is illegal. What was not committed was promised nothing.
    """
    if is_settled or state not in WAITING or reason in UNPAID:
        return 0
    return max(0, promised - paid)
