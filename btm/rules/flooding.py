"""How many pages of one site may be handed in: whoever floods a site through us uses us as a weapon."""

from __future__ import annotations

from datetime import timedelta

WITHIN = timedelta(hours=1)
MOST_OF_ONE = 60
"""So many pages of a site one account may hand in within an hour,"""
MOST_OF_ALL = 1200
"""and so many all accounts together: one in three seconds."""


def why_too_many(own: int, all_together: int) -> str:
    """Why no more pages of a site are taken now, in words for a player; empty where they are. own, all_together: how many were handed in
    within the last hour, by the player and by everybody."""
    if own >= MOST_OF_ONE:
        return f"You have handed in {own} pages of this site within an hour. Look on another site, or come back later."
    if all_together >= MOST_OF_ALL:
        return "So many pages of this site are being looked at that we leave it alone for a while. Look on another site."
    return ""
