"""Queries about disputes: a judge's word against a gold answer."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from btm.store.tables import DbAccount, DbDispute, DbGold, DbJudgement, DbReviewItem


def missed_gold(session: Session, judgement_id: int, judge_id: int) -> tuple[DbJudgement, DbGold] | None:
    """A judge's own answer to gold that was counted wrong, and the gold with its challenge; None for any other answer."""
    row = session.execute(
        select(DbJudgement, DbGold)
        .join(DbReviewItem, DbReviewItem.id == DbJudgement.item_id)
        .join(DbGold, DbGold.id == DbReviewItem.gold_id)
        .where(
            DbJudgement.id == judgement_id,
            DbJudgement.judge_id == judge_id,
            DbJudgement.label != DbGold.truth,
        )
        .options(joinedload(DbGold.challenge))
        .execution_options(populate_existing=True)
    ).one_or_none()
    return (row[0], row[1]) if row is not None else None


def open_of_judge(session: Session, topic: str, judge_id: int) -> int:
    """How many disputes of one judge wait for a modeler."""
    query = select(func.count()).select_from(DbDispute).join(DbGold, DbGold.id == DbDispute.gold_id)
    return int(
        session.scalar(
            query.where(DbGold.topic == topic, DbDispute.judge_id == judge_id, DbDispute.state == "open")
        )
        or 0
    )


def find_dispute(session: Session, topic: str, dispute_id: int) -> DbDispute | None:
    """The topic's dispute with this id, with its gold, locked until the transaction ends."""
    return session.scalar(
        select(DbDispute)
        .join(DbGold, DbGold.id == DbDispute.gold_id)
        .where(DbDispute.id == dispute_id, DbGold.topic == topic)
        .options(joinedload(DbDispute.gold))
        .with_for_update(of=DbDispute, key_share=True)
    )


def open_about(session: Session, gold_id: int) -> list[DbDispute]:
    """The disputes about a gold page that wait for a modeler."""
    query = select(DbDispute).where(DbDispute.gold_id == gold_id, DbDispute.state == "open")
    return list(session.scalars(query.order_by(DbDispute.id)))


def open_by_gold(session: Session, gold_ids: Sequence[int]) -> dict[int, int]:
    """How many open disputes there are about each gold page."""
    rows = session.execute(
        select(DbDispute.gold_id, func.count())
        .where(DbDispute.gold_id.in_(list(gold_ids)), DbDispute.state == "open")
        .group_by(DbDispute.gold_id)
    )
    return dict(rows.all())


def waiting(session: Session, topic: str, limit: int) -> list[tuple[DbDispute, str | None, str]]:
    """Open disputes of a topic, oldest first: (dispute with gold and page, label that the judge gave, handle)."""
    rows = session.execute(
        select(DbDispute, DbJudgement.label, DbAccount.handle)
        .join(DbGold, DbGold.id == DbDispute.gold_id)
        .join(DbJudgement, DbJudgement.id == DbDispute.judgement_id)
        .join(DbAccount, DbAccount.id == DbDispute.judge_id)
        .where(DbGold.topic == topic, DbDispute.state == "open")
        .options(joinedload(DbDispute.gold).joinedload(DbGold.page))
        .order_by(DbDispute.id)
        .limit(limit)
    )
    return [(dispute, label, handle or "") for dispute, label, handle in rows]
