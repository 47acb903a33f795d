"""Queries about review items, leases and judgements."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select, update
from sqlalchemy.orm import Session, joinedload

from btm.store.tables import DbJudgement, DbReviewItem, DbSubmission


def free_for(judge_id: int, now: datetime) -> ColumnElement[bool]:
    """Items that this person may judge now: open, not their own, not judged by them, and not under another's lease."""
    return and_(
        DbReviewItem.state == "open",
        or_(DbReviewItem.author_id.is_(None), DbReviewItem.author_id != judge_id),
        or_(
            DbReviewItem.lease_until.is_(None),
            DbReviewItem.lease_until < now,
            DbReviewItem.lease_judge_id == judge_id,
        ),
        ~exists().where(DbJudgement.item_id == DbReviewItem.id, DbJudgement.judge_id == judge_id),
    )


def held_by(
    session: Session, challenge_ids: Sequence[int], judge_id: int, now: datetime, but: str | None
) -> DbReviewItem | None:
    """The item that a judge already holds a living lease on, other than `but`."""
    query = (
        select(DbReviewItem)
        .where(
            DbReviewItem.challenge_id.in_(challenge_ids),
            DbReviewItem.lease_judge_id == judge_id,
            DbReviewItem.lease_until > now,
            free_for(judge_id, now),
        )
        .options(joinedload(DbReviewItem.page))
        .order_by(DbReviewItem.lease_until.desc())
        .limit(1)
    )
    if but is not None:
        query = query.where(DbReviewItem.public_id != but)
    return session.scalar(query)


def take_lease(
    session: Session,
    challenge_ids: Sequence[int],
    judge_id: int,
    *,
    token: str,
    now: datetime,
    until: datetime,
    dice: float,
    but: str | None,
) -> DbReviewItem | None:
    """Lease the next item of these challenges to a judge with one conditional UPDATE; None where nothing waits that they could judge.

    dice, in [0, 1), breaks ties: among equals the first whose `shuffle` lies at or above it comes first.
    """
    candidate = (
        select(DbReviewItem.id)
        .where(
            DbReviewItem.challenge_id.in_(challenge_ids),
            free_for(judge_id, now),
            DbReviewItem.public_id != (but or ""),
        )
        .order_by(
            DbReviewItem.priority.desc(),
            case((DbReviewItem.shuffle >= dice, 0), else_=1),
            DbReviewItem.shuffle,
        )
        .limit(1)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    item_id = session.scalar(
        update(DbReviewItem)
        .where(DbReviewItem.id == candidate)
        .values(lease_judge_id=judge_id, lease_token=token, lease_until=until)
        .returning(DbReviewItem.id)
        .execution_options(synchronize_session=False)
    )
    if item_id is None:
        return None
    return session.execute(
        select(DbReviewItem).where(DbReviewItem.id == item_id).options(joinedload(DbReviewItem.page))
    ).scalar_one()


def find_item(session: Session, public_id: str) -> DbReviewItem | None:
    """The review item with this public id, locked until the transaction ends."""
    return session.scalar(
        select(DbReviewItem)
        .where(DbReviewItem.public_id == public_id)
        .with_for_update(of=DbReviewItem, key_share=True)
    )


def item_of_submission(session: Session, submission_id: int, *, lock: bool = False) -> DbReviewItem | None:
    """The review item that a submission waits on."""
    query = select(DbReviewItem).where(DbReviewItem.submission_id == submission_id)
    if lock:
        query = query.with_for_update(of=DbReviewItem, key_share=True)
    return session.scalar(query)


def items_of_submissions(session: Session, ids: Sequence[int]) -> dict[int, DbReviewItem]:
    """Review items by submission id."""
    rows = session.scalars(select(DbReviewItem).where(DbReviewItem.submission_id.in_(list(ids))))
    return {row.submission_id: row for row in rows if row.submission_id is not None}


def judgement_of(session: Session, item_id: int, judge_id: int) -> DbJudgement | None:
    """What one judge said of an item."""
    return session.scalar(
        select(DbJudgement).where(DbJudgement.item_id == item_id, DbJudgement.judge_id == judge_id)
    )


def judgements_of(session: Session, item_id: int) -> list[DbJudgement]:
    """An item's judgements in the order in which they came."""
    return list(
        session.scalars(select(DbJudgement).where(DbJudgement.item_id == item_id).order_by(DbJudgement.id))
    )


def judgement_counts(session: Session, item_ids: Sequence[int]) -> dict[int, int]:
    """How many judgements each item has."""
    rows = session.execute(
        select(DbJudgement.item_id, func.count())
        .where(DbJudgement.item_id.in_(list(item_ids)))
        .group_by(DbJudgement.item_id)
    )
    return dict(rows.all())


def waiting_for(session: Session, judge_id: int, now: datetime) -> dict[int, int]:
    """How many items this person could judge now, by challenge."""
    rows = session.execute(
        select(DbReviewItem.challenge_id, func.count())
        .where(free_for(judge_id, now))
        .group_by(DbReviewItem.challenge_id)
    )
    return dict(rows.all())


def to_settle(session: Session, now: datetime, limit: int) -> list[int]:
    """Items that have a verdict but no settlement yet, or whose deadline has passed, or about which the judges disagree."""
    return list(
        session.scalars(
            select(DbReviewItem.id)
            .outerjoin(DbSubmission, DbSubmission.id == DbReviewItem.submission_id)
            .where(
                or_(
                    DbReviewItem.state == "decided",
                    DbReviewItem.state.in_(("open", "undecided")) & (DbReviewItem.deadline_at < now),
                    (DbReviewItem.state == "undecided") & (DbSubmission.state == "in_review"),
                )
            )
            .order_by(DbReviewItem.deadline_at)
            .limit(limit)
        )
    )


def lock_item(session: Session, item_id: int) -> DbReviewItem | None:
    """The review item with this id, locked until the transaction ends."""
    return session.scalar(
        select(DbReviewItem)
        .where(DbReviewItem.id == item_id)
        .with_for_update(of=DbReviewItem, key_share=True)
    )


def submission_of_item(session: Session, item_id: int) -> int | None:
    """The id of the submission that an item belongs to, if it does."""
    return session.scalar(select(DbReviewItem.submission_id).where(DbReviewItem.id == item_id))


def close_item(session: Session, item_id: int) -> None:
    """Close a decided item that no submission waits for."""
    session.execute(
        update(DbReviewItem)
        .where(DbReviewItem.id == item_id, DbReviewItem.state == "decided")
        .values(state="settled")
    )
