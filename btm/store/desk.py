"""Queries about the desk: items that judges could not decide, and all that was said of one."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session, joinedload

from btm.store.tables import DbAccount, DbJudgement, DbPage, DbReviewItem


def _waits(challenge_id: int, asker_id: int | None) -> ColumnElement[bool]:
    """Items of a challenge that wait for a modeler, other than the asker's own pages."""
    return and_(
        DbReviewItem.challenge_id == challenge_id,
        DbReviewItem.state == "undecided",
        DbReviewItem.is_stale.is_(False),
        or_(DbReviewItem.author_id.is_(None), DbReviewItem.author_id != (asker_id or 0)),
    )


def count_waiting(session: Session, challenge_id: int, asker_id: int | None) -> int:
    """How many items wait for a modeler."""
    waits = _waits(challenge_id, asker_id)
    return int(session.scalar(select(func.count()).select_from(DbReviewItem).where(waits)) or 0)


def waiting(
    session: Session, challenge_id: int, asker_id: int | None, limit: int
) -> list[tuple[str, str, str, datetime]]:
    """Items that wait for a modeler, those with the nearest deadline first: (public id, title, final URL, deadline)."""
    rows = session.execute(
        select(DbReviewItem.public_id, DbPage.title, DbPage.final_url, DbReviewItem.deadline_at)
        .join(DbPage, DbPage.id == DbReviewItem.page_id)
        .where(_waits(challenge_id, asker_id))
        .order_by(DbReviewItem.deadline_at, DbReviewItem.id)
        .limit(limit)
    )
    return [(a, b, c, d) for a, b, c, d in rows]


def find_item(
    session: Session, challenge_id: int, public_id: str, *, lock: bool = False
) -> DbReviewItem | None:
    """An item of a challenge, with its page; locked until the transaction ends where asked."""
    query = (
        select(DbReviewItem)
        .where(DbReviewItem.challenge_id == challenge_id, DbReviewItem.public_id == public_id)
        .options(joinedload(DbReviewItem.page))
    )
    if lock:
        query = query.with_for_update(of=DbReviewItem, key_share=True)
    return session.scalar(query)


def answers(session: Session, item_id: int) -> list[Any]:
    """All that was ever said of an item, round after round: (judgement, handle of the judge)."""
    rows = session.execute(
        select(DbJudgement, DbAccount.handle)
        .join(DbAccount, DbAccount.id == DbJudgement.judge_id)
        .where(DbJudgement.item_id == item_id)
        .order_by(DbJudgement.round, DbJudgement.id)
    )
    return list(rows)
