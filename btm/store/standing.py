"""Queries that carry out a change of a judge's standing: judgements withdrawn or restored, and what was paid for them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import String, cast, func, literal, select, update
from sqlalchemy.orm import Session

from btm.store.tables import DbChallenge, DbEntry, DbJudge, DbJudgement, DbReviewItem, DbStandingChange

UNDER_WAY = ("open", "decided", "undecided")


def judge_of(session: Session, change_id: int) -> DbJudge | None:
    """The judge whose standing a change is about."""
    return session.scalar(
        select(DbJudge)
        .join(DbStandingChange, DbStandingChange.judge_id == DbJudge.id)
        .where(DbStandingChange.id == change_id)
    )


def to_carry_out(session: Session, judge_id: int, up_to: int) -> list[DbStandingChange]:
    """A judge's changes up to one that were not carried out yet, in their order."""
    return list(
        session.scalars(
            select(DbStandingChange)
            .where(
                DbStandingChange.judge_id == judge_id,
                DbStandingChange.id <= up_to,
                DbStandingChange.is_done.is_(False),
            )
            .order_by(DbStandingChange.id)
            .execution_options(populate_existing=True)
        )
    )


def last_block(session: Session, change: DbStandingChange) -> int | None:
    """The block that a change lifts."""
    return session.scalar(
        select(func.max(DbStandingChange.id)).where(
            DbStandingChange.judge_id == change.judge_id,
            DbStandingChange.id < change.id,
            DbStandingChange.action == "blocked",
        )
    )


def lock_challenges(session: Session, topic: str) -> dict[int, DbChallenge]:
    """The challenges of a topic, locked in the order of their ids until the transaction ends."""
    rows = session.scalars(
        select(DbChallenge)
        .where(DbChallenge.topic == topic)
        .order_by(DbChallenge.id)
        .with_for_update(of=DbChallenge, key_share=True)
        .execution_options(populate_existing=True)
    )
    return {row.id: row for row in rows}


def withdraw(session: Session, judge: DbJudge, change_id: int, now: datetime) -> None:
    """Withdraw all that a judge said of their topic."""
    of_topic = select(DbReviewItem.id).where(DbReviewItem.topic == judge.topic)
    session.execute(
        update(DbJudgement)
        .where(
            DbJudgement.judge_id == judge.account_id,
            DbJudgement.withdrawn_at.is_(None),
            DbJudgement.item_id.in_(of_topic),
        )
        .values(withdrawn_at=now, withdrawn_by=change_id)
        .execution_options(synchronize_session=False)
    )


def mark_stale(session: Session, judge: DbJudge, change_id: int) -> None:
    """Note that the items whose judgements a change withdrew have to be looked at again. Gold is known whatever anybody says."""
    touched = select(DbJudgement.item_id).where(
        DbJudgement.judge_id == judge.account_id, DbJudgement.withdrawn_by == change_id
    )
    session.execute(
        update(DbReviewItem)
        .where(
            DbReviewItem.id.in_(touched), DbReviewItem.gold_id.is_(None), DbReviewItem.state != "withdrawn"
        )
        .values(is_stale=True)
        .execution_options(synchronize_session=False)
    )


def restore(session: Session, judge: DbJudge, change_id: int) -> None:
    """Let the judgements that a change withdrew count again."""
    session.execute(
        update(DbJudgement)
        .where(DbJudgement.judge_id == judge.account_id, DbJudgement.withdrawn_by == change_id)
        .values(withdrawn_at=None, withdrawn_by=None)
        .execution_options(synchronize_session=False)
    )


def to_replace(session: Session, judge: DbJudge, change_id: int) -> list[tuple[int, int, int, int | None]]:
    """Submissions under way that lost an answer of their round by a change: (challenge id, submission id, item id,
    price promised for a judgement)."""
    rows = session.execute(
        select(
            DbReviewItem.challenge_id, DbReviewItem.submission_id, DbReviewItem.id, DbReviewItem.judging_price
        )
        .join(DbJudgement, DbJudgement.item_id == DbReviewItem.id)
        .where(
            DbJudgement.judge_id == judge.account_id,
            DbJudgement.withdrawn_by == change_id,
            DbJudgement.round == DbReviewItem.round,
            DbReviewItem.submission_id.is_not(None),
            DbReviewItem.state.in_(UNDER_WAY),
        )
        .order_by(DbReviewItem.id)
    )
    return [
        (challenge_id, submission_id or 0, item_id, price)
        for challenge_id, submission_id, item_id, price in rows
    ]


def send_to_desk(session: Session, item_ids: Sequence[int]) -> None:
    """Ask no more judges about these items."""
    session.execute(
        update(DbReviewItem)
        .where(DbReviewItem.id.in_(list(item_ids)), DbReviewItem.state == "open")
        .values(state="undecided", lease_judge_id=None, lease_token="", lease_until=None)
        .execution_options(synchronize_session=False)
    )


def paid_for_withdrawn(session: Session, judge: DbJudge, change_id: int) -> dict[int, int]:
    """By challenge: what a judge was paid for the judgements that a change withdrew, less what earlier changes took back for good."""
    paid = session.execute(
        select(DbEntry.challenge_id, func.sum(DbEntry.worker))
        .join(DbJudgement, DbEntry.key == literal("judging:") + cast(DbJudgement.id, String))
        .where(DbJudgement.judge_id == judge.account_id, DbJudgement.withdrawn_by == change_id)
        .group_by(DbEntry.challenge_id)
        .order_by(DbEntry.challenge_id)
    )
    points = {challenge_id: int(total) for challenge_id, total in paid}
    taken = session.execute(
        select(DbEntry.challenge_id, func.sum(DbEntry.worker))
        .where(
            DbEntry.account_id == judge.account_id,
            DbEntry.kind == "reversal",
            DbEntry.submission_id.is_(None),
        )
        .group_by(DbEntry.challenge_id)
    )
    for challenge_id, total in taken:
        if challenge_id in points:
            points[challenge_id] = max(0, points[challenge_id] + int(total))
    return points


def taken_back(session: Session, keys: dict[str, int]) -> dict[int, int]:
    """What entries with these keys took from a worker, by the challenge that each key stands for."""
    rows = session.execute(select(DbEntry.key, DbEntry.worker).where(DbEntry.key.in_(list(keys))))
    return {keys[key]: -int(worker) for key, worker in rows}
