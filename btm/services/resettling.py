"""Taking a verdict up again, and the points promised for it. Shared by the services; the caller holds the locks of submission,
challenge and item, in this order."""

from __future__ import annotations

from datetime import datetime

from btm.rules import money as law
from btm.services.finding import get_quote
from btm.services.jury import promised_rules
from btm.services.presenting import verdict_deadline
from btm.store import holds, money
from btm.store.tables_challenges import DbChallenge
from btm.store.tables_play import DbSubmission
from btm.store.tables_review import DbReviewItem
from btm.store.transaction import Session


def is_frozen(session: Session, submission: DbSubmission) -> bool:
    """Whether a win stands for good: what its player had earned when it was settled has gone into a batch of payments.
    What was held from the batch has not."""
    if submission.state != "confirmed" or submission.settled_at is None:
        return False
    return holds.is_taken(session, submission.id)


def paid(session: Session, submission: DbSubmission) -> int:
    """What a submission brought its player so far, in points."""
    return money.paid_for(session, [submission.id]).get(submission.id, 0)


def take_up(
    challenge: DbChallenge, submission: DbSubmission, item: DbReviewItem, *, why: str, now: datetime
) -> None:
    """Open a settled item again. What was decided stands until there is a new verdict. why: appeal or judge."""
    submission.reopened_at, submission.reopened_why = now, why
    reopen(challenge, item, now)


def reopen(challenge: DbChallenge, item: DbReviewItem, now: datetime) -> None:
    """Put a settled item back into the queue, with a new deadline."""
    item.reopened += 1
    item.state, item.opened_at, item.deadline_at = "open", now, verdict_deadline(challenge, now)
    item.lease_judge_id, item.lease_token, item.lease_until = None, "", None
    item.decided_by, item.decided_why = None, ""


def fund_or_desk(
    session: Session,
    challenge: DbChallenge,
    submission: DbSubmission,
    item: DbReviewItem,
    answers: int,
    now: datetime,
) -> None:
    """See to it that every judgement that an open item may still need can be paid, and whatever the page may bring; where the
    budget cannot, ask no more judges: a modeler decides, and as much as there is stays promised to the player.

    answers: how many count already.
    """
    if item.state not in ("open", "undecided"):
        return
    rules = promised_rules(item)
    for_player = max(0, get_quote(submission).reserve - paid(session, submission))
    wanted = max(0, rules.max_judgements - answers) if item.state == "open" else 0
    for_judges = rules.judging_price * wanted
    if (
        wanted
        and money.escrow_of(session, submission.id) + money.free_budget(session, challenge.id)
        < for_player + for_judges
    ):
        item.state = "undecided"
        for_judges = 0
    promise(session, submission, for_player + for_judges, now)


def promise(session: Session, submission: DbSubmission, points: int, now: datetime) -> int:
    """Bring what is promised to a submission up to so many points, as far as the free budget goes. Returns what is promised now."""
    has = money.escrow_of(session, submission.id)
    more = min(points - has, money.free_budget(session, submission.challenge_id))
    if more <= 0:
        return has
    entry = law.reserve(submission.id, more, money.times_reserved(session, submission.id))
    money.post(session, entry, challenge_id=submission.challenge_id, submission_id=submission.id, at=now)
    return has + more
