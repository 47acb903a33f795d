"""Queries for what modelers see of judges: sums over their answers, in a fixed number of queries however many there are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.orm import Session, aliased

from btm.store.costly import costly
from btm.store.tables import (
    DbAccount,
    DbEntry,
    DbFingerprint,
    DbGold,
    DbJudge,
    DbJudgement,
    DbPage,
    DbReviewItem,
    DbStandingChange,
)

Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Answers:
    """Sums over one judge's answers: all of them; of these, withdrawn, without a label, too fast; and the last one."""

    given: int = 0
    withdrawn: int = 0
    cannot: int = 0
    hasty: int = 0
    last_at: datetime | None = None


def all_judges(session: Session, topic: str) -> list[tuple[DbJudge, str]]:
    """Everybody who ever judged a topic, with their handles."""
    rows = session.execute(
        select(DbJudge, DbAccount.handle)
        .join(DbAccount, DbAccount.id == DbJudge.account_id)
        .where(DbJudge.topic == topic)
        .order_by(DbJudge.account_id)
    )
    return [(judge, handle or "") for judge, handle in rows]


@costly
def answers(session: Session, topic: str, accounts: Iterable[int] | None = None) -> dict[int, Answers]:
    """Sums over the answers in a topic, by judge: of these accounts, or of all."""
    rows = session.execute(
        select(
            DbJudgement.judge_id,
            func.count(),
            func.sum(case((DbJudgement.withdrawn_at.is_not(None), 1), else_=0)),
            func.sum(case((DbJudgement.label.is_(None), 1), else_=0)),
            func.sum(case((DbJudgement.is_hasty, 1), else_=0)),
            func.max(DbJudgement.judged_at),
        )
        .join(DbReviewItem, DbReviewItem.id == DbJudgement.item_id)
        .where(DbReviewItem.topic == topic, *_of(DbJudgement.judge_id, accounts))
        .group_by(DbJudgement.judge_id)
    )
    return {
        judge: Answers(int(given), int(withdrawn), int(cannot), int(hasty), last)
        for judge, given, withdrawn, cannot, hasty, last in rows
    }


@costly
def median_seconds(session: Session, topic: str, accounts: Iterable[int] | None = None) -> dict[int, float]:
    """The median time of a judge's labels that count, in seconds (of an even number the mean of the middle two)."""
    place = func.row_number().over(partition_by=DbJudgement.judge_id, order_by=DbJudgement.seconds)
    count = func.count().over(partition_by=DbJudgement.judge_id)
    ranked = (
        select(DbJudgement.judge_id, DbJudgement.seconds, place.label("place"), count.label("count"))
        .join(DbReviewItem, DbReviewItem.id == DbJudgement.item_id)
        .where(
            DbReviewItem.topic == topic,
            DbJudgement.label.is_not(None),
            DbJudgement.withdrawn_at.is_(None),
            *_of(DbJudgement.judge_id, accounts),
        )
        .subquery()
    )
    twice = 2 * ranked.c.place
    rows = session.execute(
        select(ranked.c.judge_id, func.avg(ranked.c.seconds))
        .where(twice >= ranked.c.count, twice <= ranked.c.count + 2)
        .group_by(ranked.c.judge_id)
    )
    return {judge: float(seconds) for judge, seconds in rows}


@costly
def gold_records(
    session: Session, topic: str, accounts: Iterable[int] | None = None
) -> dict[int, tuple[int, int]]:
    """(asked, right) by judge, as `btm.store.gold.record_of` counts it."""
    rows = session.execute(
        select(
            DbJudgement.judge_id,
            func.count(),
            func.sum(case((DbJudgement.label == DbGold.truth, 1), else_=0)),
        )
        .select_from(DbGold)
        .join(DbReviewItem, DbReviewItem.gold_id == DbGold.id)
        .join(DbJudgement, DbJudgement.item_id == DbReviewItem.id)
        .where(
            DbGold.topic == topic,
            DbGold.retired_why != "disputed",
            DbJudgement.judge_id == DbReviewItem.for_judge_id,
            DbJudgement.label.is_not(None),
            DbJudgement.withdrawn_at.is_(None),
            *_of(DbJudgement.judge_id, accounts),
        )
        .group_by(DbJudgement.judge_id)
    )
    return {judge: (int(asked), int(right)) for judge, asked, right in rows}


@costly
def earned(
    session: Session, challenge_ids: Sequence[int], accounts: Iterable[int] | None = None
) -> dict[int, int]:
    """Points for judging in some challenges, by account."""
    rows = session.execute(
        select(DbEntry.account_id, func.sum(DbEntry.worker))
        .where(
            DbEntry.challenge_id.in_(challenge_ids),
            DbEntry.kind == "judging",
            *_of(DbEntry.account_id, accounts),
        )
        .group_by(DbEntry.account_id)
    )
    return {account: int(points) for account, points in rows if account is not None}


def _of(column: Any, accounts: Iterable[int] | None) -> list[ColumnElement[bool]]:
    return [] if accounts is None else [column.in_(list(accounts))]


@costly
def device_pairs(session: Session, topic: str, limit: int, account: int | None = None) -> list[Pair]:
    """Pairs of a topic's judges whose accounts were used from one device, the lower account first; of one judge, or of all."""
    one, two = aliased(DbFingerprint), aliased(DbFingerprint)
    judges = select(DbJudge.account_id).where(DbJudge.topic == topic)
    query = (
        select(one.account_id, two.account_id)
        .join(two, (two.value == one.value) & (two.account_id > one.account_id))
        .where(one.account_id.in_(judges), two.account_id.in_(judges))
        .distinct()
        .order_by(one.account_id, two.account_id)
        .limit(limit)
    )
    if account is not None:
        query = query.where(or_(one.account_id == account, two.account_id == account))
    return [(a, b) for a, b in session.execute(query)]


@costly
def together(session: Session, topic: str, pairs: Sequence[Pair]) -> dict[Pair, tuple[int, int]]:
    """On how many items of a topic both gave a label that counts, and on how many of these the same."""
    if not pairs:
        return {}
    one, two = aliased(DbJudgement), aliased(DbJudgement)
    rows = session.execute(
        select(
            one.judge_id, two.judge_id, func.count(), func.sum(case((one.label == two.label, 1), else_=0))
        )
        .join(two, (two.item_id == one.item_id) & (two.round == one.round))
        .join(DbReviewItem, DbReviewItem.id == one.item_id)
        .where(
            DbReviewItem.topic == topic,
            or_(*(and_(one.judge_id == a, two.judge_id == b) for a, b in pairs)),
            one.label.is_not(None), two.label.is_not(None),
            one.withdrawn_at.is_(None), two.withdrawn_at.is_(None),
        )
        .group_by(one.judge_id, two.judge_id)
    )  # fmt: skip
    return {(a, b): (int(both), int(same)) for a, b, both, same in rows}


def history(session: Session, judge_id: int) -> list[tuple[DbStandingChange, str, int]]:
    """A judge's changes of standing, newest first: (change, who made it, how many judgements it has withdrawn)."""
    withdrawn = (
        select(func.count())
        .select_from(DbJudgement)
        .join(DbJudge, DbJudge.account_id == DbJudgement.judge_id)
        .where(DbJudge.id == judge_id, DbJudgement.withdrawn_by == DbStandingChange.id)
        .scalar_subquery()
    )
    rows = session.execute(
        select(DbStandingChange, DbAccount.handle, withdrawn)
        .outerjoin(DbAccount, DbAccount.id == DbStandingChange.changed_by)
        .where(DbStandingChange.judge_id == judge_id)
        .order_by(DbStandingChange.id.desc())
    )
    return [(change, handle or "", int(count)) for change, handle, count in rows]


Line = tuple[DbJudgement, DbReviewItem, str, str, str | None]


def lines(session: Session, topic: str, account: int, before: int | None, limit: int) -> list[Line]:
    """A judge's answers, newest first: (judgement, item, title and address of the page, true label if it is gold)."""
    query = (
        select(DbJudgement, DbReviewItem, DbPage.title, DbPage.final_url, DbGold.truth)
        .join(DbReviewItem, DbReviewItem.id == DbJudgement.item_id)
        .join(DbPage, DbPage.id == DbReviewItem.page_id)
        .outerjoin(DbGold, DbGold.id == DbReviewItem.gold_id)
        .where(DbJudgement.judge_id == account, DbReviewItem.topic == topic)
        .order_by(DbJudgement.id.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(DbJudgement.id < before)
    return [(a, b, c, d, e) for a, b, c, d, e in session.execute(query)]
