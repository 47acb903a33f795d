"""A player whose page was rejected asks, once, that judges who have not seen it look at it again."""

from __future__ import annotations

from datetime import datetime

from btm.rules.errors import Conflict
from btm.rules.submissions import why_no_appeal
from btm.services import jury, resettling
from btm.services.finding import get_own_submission
from btm.services.wording import one_line
from btm.store import challenges, outcomes, review
from btm.store.tables_play import DbAppeal
from btm.store.transaction import insert_once, transaction

LONGEST = 300
WHY_NOT = {
    "not_rejected": "Only a page that was rejected can be judged again.",
    "appealed": "You asked for another look at this page already, and it has been decided.",
    "reopened": "This page is being judged again as it is.",
    "decided_by_team": "Somebody of the team decided this one, after the judges did not agree, so it stays decided. "
    "Only what judges decided can be judged again.",
    "too_late": "It is too late to ask for another look at this page.",
}


def appeal_submission(public_id: str, *, player_id: int, reason: str, now: datetime) -> None:
    """Appeal a rejection; asking twice is the same as once. Until there is a new verdict the old one stands.

    The item begins a new round: those who judged it before cannot do so again. Where the budget cannot carry fresh judges, a
    modeler decides. Raises NotFound, and Conflict with a code of WHY_NOT. Locks submission, challenge, item, in this order.
    """
    with transaction() as session:
        submission = get_own_submission(session, public_id, player_id)
        challenge = challenges.lock_challenge(session, submission.challenge_id)
        item = review.item_of_submission(session, submission.id, lock=True)
        appeal = outcomes.appeal_of(session, submission.id)
        if appeal is not None and appeal.state == "open":
            return
        code = why_no_appeal(
            submission.state,
            submission.settled_at,
            now,
            challenge.law.appeal_days,
            is_appealed=appeal is not None,
            is_reopened=submission.reopened_at is not None,
            by_team=item is not None and item.decided_by is not None,
        )
        if code or item is None:
            raise Conflict(WHY_NOT[code or "not_rejected"], code=code or "not_rejected")
        values = {
            "submission_id": submission.id, "reason": one_line(reason, LONGEST), "state": "open", "made_at": now
        }  # fmt: skip
        if insert_once(session, DbAppeal, values) is None:
            return
        resettling.take_up(challenge, submission, item, why="appeal", now=now)
        item.round += 1
        item.belief = None
        item.priority = jury.place_of(item, 1.0, challenge.law)
        resettling.fund_or_desk(session, challenge, submission, item, 0, now)
