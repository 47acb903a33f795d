"""Carry out that a judge was blocked, or let in again: their judgements stop counting, or count again, and their pay follows.

May be rung twice, and be killed at any point: one transaction. It only marks the pages that this touches; `reconsider` then looks
at them one by one.
"""

from __future__ import annotations

from datetime import datetime

from btm.rules import money as law
from btm.services import bell
from btm.store import juries, money, people, review, standing
from btm.store.tables_challenges import DbChallenge
from btm.store.tables_judges import DbJudge, DbStandingChange
from btm.store.transaction import Session, transaction

TAKEN = "Your answers were withdrawn"
GIVEN = "Your answers count again"
MOST = 200
"""So many pages are rung for at once; the sweep rings for the rest."""


def carry_out_standing(change_id: int, *, now: datetime) -> None:
    """Carry out a change of standing, and those of the same judge before it. Doing it twice is the same as once.

    Alone with the topic's judges; then locks the topic's challenges and the judge's account.
    """
    with transaction() as session:
        judge = standing.judge_of(session, change_id)
        if judge is None:
            return
        juries.hold(session, judge.topic)
        challenges = standing.lock_challenges(session, judge.topic)
        people.lock_account(session, judge.account_id)
        for change in standing.to_carry_out(session, judge.id, change_id):
            if change.action == "blocked":
                _withdraw(session, judge, change, challenges, now)
            else:
                _restore(session, judge, change, challenges, now)
            change.is_done = True
            session.flush()
        stale = review.stale(session, MOST)
    for item_id in stale:
        bell.ring("reconsider", item_id)


def _withdraw(
    session: Session,
    judge: DbJudge,
    change: DbStandingChange,
    challenges: dict[int, DbChallenge],
    now: datetime,
) -> None:
    standing.withdraw(session, judge, change.id, now)
    standing.mark_stale(session, judge, change.id)
    unpaid = max(0, money.balance(session, judge.account_id))
    for challenge_id, points in standing.paid_for_withdrawn(session, judge, change.id).items():
        back = min(points, unpaid)
        unpaid -= back
        entry = law.take_back(_key(change.id, challenge_id), back, TAKEN)
        money.post(session, entry, challenge_id=challenge_id, account_id=judge.account_id, at=now)
    _pay_for_others(session, judge, change, challenges, now)


def _pay_for_others(
    session: Session,
    judge: DbJudge,
    change: DbStandingChange,
    challenges: dict[int, DbChallenge],
    now: datetime,
) -> None:
    """Promise the price of a judgement for each one that was withdrawn from a page under way: the first was paid for out of what
    that page may cost. Where the budget cannot, nobody more is asked about the page."""
    free = {challenge_id: money.free_budget(session, challenge_id) for challenge_id in challenges}
    short = []
    for challenge_id, submission_id, item_id, promised in standing.to_replace(session, judge, change.id):
        price = challenges[challenge_id].law.judging_price if promised is None else promised
        if free[challenge_id] < price:
            short.append(item_id)
            continue
        free[challenge_id] -= price
        entry = law.reserve(submission_id, price, f"standing:{change.id}")
        money.post(session, entry, challenge_id=challenge_id, submission_id=submission_id, at=now)
    if short:
        standing.send_to_desk(session, short)


def _restore(
    session: Session,
    judge: DbJudge,
    change: DbStandingChange,
    challenges: dict[int, DbChallenge],
    now: datetime,
) -> None:
    blocked = standing.last_block(session, change)
    if blocked is None:
        return
    standing.mark_stale(session, judge, blocked)
    standing.restore(session, judge, blocked)
    keys = {f"reversal:{_key(blocked, challenge_id)}": challenge_id for challenge_id in challenges}
    for challenge_id, points in sorted(standing.taken_back(session, keys).items()):
        again = min(points, max(0, money.free_budget(session, challenge_id)))
        entry = law.take_back(_key(change.id, challenge_id), -again, GIVEN)
        money.post(session, entry, challenge_id=challenge_id, account_id=judge.account_id, at=now)


def _key(change_id: int, challenge_id: int) -> str:
    return f"standing:{change_id}:{challenge_id}"
