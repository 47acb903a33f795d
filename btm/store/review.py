"""Queries about review items, leases and judgements."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache

from sqlalchemy import Integer, Select, String, bindparam, func, or_, select, update
from sqlalchemy.orm import Session

from btm.store.tables import DbJudgement, DbReviewItem, DbSubmission
from btm.store.tables_review import IS_STALE

ITEM = bindparam("item", type_=Integer)


def find_item(session: Session, public_id: str) -> DbReviewItem | None:
    """The review item with this public id, locked until the transaction ends."""
    return session.execute(_find_item(), {"public_id": public_id}).scalar_one_or_none()


def end_leases(session: Session, judge_id: int, topic: str) -> None:
    """Give back what a judge holds of a topic. What another transaction is at work on is left to run out: whoever answers in two
    windows at once would else wait for themselves."""
    held = (
        select(DbReviewItem.id)
        .where(DbReviewItem.lease_judge_id == judge_id, DbReviewItem.topic == topic)
        .with_for_update(of=DbReviewItem, skip_locked=True, key_share=True)
    )
    session.execute(
        update(DbReviewItem)
        .where(DbReviewItem.id.in_(held))
        .values(lease_judge_id=None, lease_token="", lease_until=None)
        .execution_options(synchronize_session=False)
    )


def counting(session: Session, item: DbReviewItem) -> list[DbJudgement]:
    """The judgements that count for an item: those of its round that were not withdrawn, in the order in which they came."""
    return list(session.scalars(_counting(), {"item": item.id, "in_round": item.round}))


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


def judgements_of(session: Session, item_id: int) -> list[DbJudgement]:
    """An item's judgements in the order in which they came."""
    return list(
        session.scalars(select(DbJudgement).where(DbJudgement.item_id == item_id).order_by(DbJudgement.id))
    )


def was_withdrawn(session: Session, item: DbReviewItem) -> bool:
    """Whether an answer of the item's round was withdrawn and is so still."""
    found = select(DbJudgement.id).where(
        DbJudgement.item_id == item.id,
        DbJudgement.round == item.round,
        DbJudgement.withdrawn_at.is_not(None),
    )
    return session.scalar(found.limit(1)) is not None


def judgement_counts(session: Session, item_ids: Sequence[int]) -> dict[int, int]:
    """How many judgements of its round count for each item."""
    rows = session.execute(
        select(DbJudgement.item_id, func.count())
        .join(DbReviewItem, DbReviewItem.id == DbJudgement.item_id)
        .where(
            DbJudgement.item_id.in_(list(item_ids)),
            DbJudgement.round == DbReviewItem.round,
            DbJudgement.withdrawn_at.is_(None),
        )
        .group_by(DbJudgement.item_id)
    )
    return dict(rows.all())


def with_words(session: Session, item_ids: Sequence[int]) -> dict[int, list[DbJudgement]]:
    """Judgements that count, of whatever round, whose judges wrote something; by item, in the order in which they came."""
    rows = session.scalars(
        select(DbJudgement)
        .where(
            DbJudgement.item_id.in_(list(item_ids)),
            DbJudgement.withdrawn_at.is_(None),
            or_(DbJudgement.reason != "", DbJudgement.other != ""),
        )
        .order_by(DbJudgement.id)
    )
    said: dict[int, list[DbJudgement]] = {}
    for row in rows:
        said.setdefault(row.item_id, []).append(row)
    return said


def to_settle(session: Session, now: datetime, limit: int) -> list[int]:
    """Items that have a verdict but no settlement yet, or whose deadline has passed, or about which the judges disagree."""
    return list(
        session.scalars(
            select(DbReviewItem.id)
            .outerjoin(DbSubmission, DbSubmission.id == DbReviewItem.submission_id)
            .where(
                or_(
                    DbReviewItem.state == "decided",
                    DbReviewItem.state.in_(("open", "undecided"))
                    & (DbReviewItem.deadline_at <= now)
                    & DbReviewItem.submission_id.is_not(None),
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


def stale(session: Session, limit: int) -> list[int]:
    """Items whose judgements were withdrawn or restored, and that nobody looked at again yet.

    Asked in the words of its index: SQLite does not see that `is_stale = 1` is the same.
    """
    query = select(DbReviewItem.id).where(IS_STALE).order_by(DbReviewItem.id).limit(limit)
    return list(session.scalars(query))


def place_of_item(session: Session, item_id: int) -> tuple[str, int, int | None] | None:
    """What has to be locked before an item: (topic, challenge id, submission id)."""
    row = session.execute(
        select(DbReviewItem.topic, DbReviewItem.challenge_id, DbReviewItem.submission_id).where(
            DbReviewItem.id == item_id
        )
    ).one_or_none()
    return (row[0], row[1], row[2]) if row is not None else None


def submission_of_item(session: Session, item_id: int) -> int | None:
    """The id of the submission that an item belongs to, if it does."""
    return session.scalar(select(DbReviewItem.submission_id).where(DbReviewItem.id == item_id))


@cache
def _find_item() -> Select[DbReviewItem]:
    """This and the next are asked with every answer: built once."""
    found = select(DbReviewItem).where(DbReviewItem.public_id == bindparam("public_id", type_=String))
    return found.with_for_update(of=DbReviewItem, key_share=True)


@cache
def _counting() -> Select[DbJudgement]:
    of_round = DbJudgement.round == bindparam("in_round", type_=Integer)
    counts = select(DbJudgement).where(
        DbJudgement.item_id == ITEM, of_round, DbJudgement.withdrawn_at.is_(None)
    )
    return counts.order_by(DbJudgement.id)
