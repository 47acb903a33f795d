"""The player takes a submission back: free until the first judgement."""

from __future__ import annotations

from datetime import datetime

from btm.rules import money as law
from btm.rules.errors import Conflict
from btm.services.finding import get_own_submission
from btm.services.presenting import withdrawable
from btm.store import challenges, money, play, review
from btm.store.transaction import transaction


def withdraw_submission(public_id: str, *, player_id: int, now: datetime) -> None:
    """Withdraw; doing it twice is the same as once. Raises Conflict once somebody has judged the page, or it has ended."""
    with transaction() as session:
        submission = get_own_submission(session, public_id, player_id)
        if submission.state == "withdrawn":
            return
        challenges.lock_challenge(session, submission.challenge_id)
        item = review.item_of_submission(session, submission.id, lock=True)
        judged = len(review.judgements_of(session, item.id)) if item else 0
        if not withdrawable(submission, judged):
            raise Conflict("This page has been judged, so it stays in the game.", code="too_late")
        if item is not None:
            item.state, item.lease_until = "withdrawn", None
            promised = money.escrow_of(session, submission.id)
            money.post(
                session,
                law.release(submission.id, promised),
                challenge_id=submission.challenge_id,
                submission_id=submission.id,
                at=now,
            )
            play.unclaim(session, submission.id)
        submission.state, submission.wake_at = "withdrawn", None
