"""One challenge with its brief."""

from __future__ import annotations

from datetime import datetime

from btm.services.finding import get_challenge
from btm.services.presenting import challenge_view
from btm.services.views_challenges import ChallengeView
from btm.store import challenges
from btm.store.transaction import reading


def show_challenge(slug: str, *, now: datetime) -> ChallengeView:
    """Raises NotFound."""
    with reading() as session:
        challenge = get_challenge(session, slug)
        return challenge_view(challenge, challenges.figures(session, [challenge.id])[challenge.id])
