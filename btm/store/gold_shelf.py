"""Queries about the gold of a topic as a whole: what there is, how it was answered, what could become gold, and disputes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select, update
from sqlalchemy.orm import Session, joinedload

from btm.store.gold import lease_ended
from btm.store.tables import DbChallenge, DbGold, DbJudgement, DbPage, DbReviewItem


@dataclass(frozen=True, slots=True)
class Verified:
    """An item with a verdict. labels: how many judgements gave a label, or said that it is none of them; agreeing: how many gave
    the verdict's."""

    item: DbReviewItem
    labels: int
    agreeing: int


def topics(session: Session) -> list[str]:
    """The topics of all challenges that are not drafts."""
    query = select(DbChallenge.topic).where(DbChallenge.state != "draft").distinct()
    return list(session.scalars(query.order_by(DbChallenge.topic)))


def active(session: Session, topic: str) -> list[DbGold]:
    """The active gold of a topic, newest first."""
    query = select(DbGold).where(DbGold.topic == topic, DbGold.state == "active")
    return list(session.scalars(query.order_by(DbGold.created_at.desc(), DbGold.id.desc())))


def counts(session: Session, topic: str) -> dict[tuple[str, str], int]:
    """How many gold pages a topic has by (state, true label)."""
    rows = session.execute(
        select(DbGold.state, DbGold.truth, func.count())
        .where(DbGold.topic == topic)
        .group_by(DbGold.state, DbGold.truth)
    )
    return {(state, truth): number for state, truth, number in rows}


def shelf(session: Session, topic: str, after: tuple[str, int] | None, limit: int) -> list[DbGold]:
    """Gold with its pages, active first, then retired, each newest first. after: (state, id) of the last one seen."""
    query = select(DbGold).where(DbGold.topic == topic).options(joinedload(DbGold.page))
    if after is not None:
        state, gold_id = after
        rest: ColumnElement[bool] = and_(DbGold.state == state, DbGold.id < gold_id)
        query = query.where(or_(rest, DbGold.state == "retired") if state == "active" else rest)
    return list(session.scalars(query.order_by(DbGold.state, DbGold.id.desc()).limit(limit)))


def find_gold(session: Session, topic: str, public_id: str) -> DbGold | None:
    """The topic's gold page with this public id."""
    return session.scalar(select(DbGold).where(DbGold.topic == topic, DbGold.public_id == public_id))


def of_text(session: Session, topic: str, text: str) -> DbGold | None:
    """The topic's gold whose page has this content hash, active before retired."""
    return session.scalar(
        select(DbGold)
        .join(DbPage, DbPage.id == DbGold.page_id)
        .where(DbGold.topic == topic, DbPage.content_hash == text)
        .order_by(DbGold.state, DbGold.id)
        .limit(1)
    )


def texts_used(session: Session, topic: str, texts: Collection[str]) -> set[str]:
    """Those of these content hashes that are, or were, gold of the topic."""
    query = select(DbPage.content_hash).join(DbGold, DbGold.page_id == DbPage.id)
    return set(session.scalars(query.where(DbGold.topic == topic, DbPage.content_hash.in_(list(texts)))))


def tallies(session: Session, gold_ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    """How each was answered: (asked, right), over answers that give a label. Nobody is asked twice."""
    right = func.sum(case((DbJudgement.label == DbGold.truth, 1), else_=0))
    rows = session.execute(
        select(DbGold.id, func.count(), right)
        .join(DbReviewItem, DbReviewItem.gold_id == DbGold.id)
        .join(DbJudgement, DbJudgement.item_id == DbReviewItem.id)
        .where(DbGold.id.in_(list(gold_ids)), DbJudgement.label.is_not(None))
        .group_by(DbGold.id)
    )
    return {gold_id: (int(asked), int(hits)) for gold_id, asked, hits in rows}


def answers(session: Session, gold_ids: Sequence[int]) -> list[tuple[int, int, str]]:
    """(gold id, judge's account, label given), by account."""
    rows = session.execute(
        select(DbReviewItem.gold_id, DbJudgement.judge_id, DbJudgement.label)
        .join(DbJudgement, DbJudgement.item_id == DbReviewItem.id)
        .where(DbReviewItem.gold_id.in_(list(gold_ids)), DbJudgement.label.is_not(None))
        .order_by(DbJudgement.judge_id)
    )
    return [(gold_id or 0, judge_id, label or "") for gold_id, judge_id, label in rows]


def verified(session: Session, topic: str, each: int) -> list[Verified]:
    """Items with a verdict whose pages are no gold, of every challenge of a topic the newest `each`; the latest verdict first."""
    used = exists().where(DbGold.topic == topic, DbGold.page_id == DbReviewItem.page_id)
    found: list[DbReviewItem] = []
    for challenge_id in session.scalars(select(DbChallenge.id).where(DbChallenge.topic == topic)).all():
        for state in ("decided", "settled"):
            query = (
                select(DbReviewItem)
                .where(DbReviewItem.challenge_id == challenge_id, DbReviewItem.state == state)
                .where(DbReviewItem.for_judge_id.is_(None), DbReviewItem.verdict.is_not(None), ~used)
                .where(DbReviewItem.is_stale.is_(False), DbReviewItem.decided_at.is_not(None))
                .options(joinedload(DbReviewItem.page))
                .order_by(DbReviewItem.id.desc())
                .limit(each)
            )
            found += session.scalars(query)
    taken = texts_used(session, topic, {item.page.content_hash for item in found}) if found else set()
    found = [item for item in found if item.page.content_hash not in taken]
    heard = _heard(session, [item.id for item in found])
    rows = [Verified(item, *heard.get(item.id, (0, 0))) for item in found]
    return sorted(rows, key=lambda row: (row.item.decided_at, row.item.id), reverse=True)


def _heard(session: Session, item_ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    """By item: (labels and corrections, labels that are the verdict's), of the judgements that count."""
    agrees = func.sum(case((DbJudgement.label == DbReviewItem.verdict, 1), else_=0))
    rows = session.execute(
        select(DbReviewItem.id, func.count(), agrees)
        .join(DbJudgement, DbJudgement.item_id == DbReviewItem.id)
        .where(
            DbReviewItem.id.in_(list(item_ids)),
            DbJudgement.round == DbReviewItem.round,
            DbJudgement.withdrawn_at.is_(None),
            or_(DbJudgement.label.is_not(None), DbJudgement.cannot == "other"),
        )
        .group_by(DbReviewItem.id)
    )
    return {item_id: (int(labels), int(agreeing)) for item_id, labels, agreeing in rows}


def heard(session: Session, item_id: int) -> tuple[int, int]:
    """Of one item: (labels and corrections, labels that are the verdict's)."""
    return _heard(session, [item_id]).get(item_id, (0, 0))


def reasons(session: Session, item_id: int, label: str, limit: int) -> list[str]:
    """What those who gave an item this label said of why, oldest first."""
    return list(
        session.scalars(
            select(DbJudgement.reason)
            .where(
                DbJudgement.item_id == item_id,
                DbJudgement.label == label,
                DbJudgement.reason != "",
                DbJudgement.withdrawn_at.is_(None),
            )
            .order_by(DbJudgement.id)
            .limit(limit)
        )
    )


def item_of(session: Session, topic: str, public_id: str) -> DbReviewItem | None:
    """The topic's item with this public id, with its page; gold items, which are made for one judge, are none."""
    return session.scalar(
        select(DbReviewItem)
        .where(
            DbReviewItem.public_id == public_id,
            DbReviewItem.topic == topic,
            DbReviewItem.for_judge_id.is_(None),
        )
        .options(joinedload(DbReviewItem.page))
    )


def public_ids(session: Session, item_ids: Sequence[int]) -> dict[int, str]:
    """Public ids of review items."""
    rows = session.execute(
        select(DbReviewItem.id, DbReviewItem.public_id).where(DbReviewItem.id.in_(list(item_ids)))
    )
    return dict(rows.all())


def verdicts_changed(session: Session, topic: str) -> list[tuple[DbGold, bool]]:
    """Active gold that was made by a verdict which is taken up again (False) or has become another label (True)."""
    rows = session.execute(
        select(DbGold, DbReviewItem.state, DbReviewItem.verdict)
        .join(DbReviewItem, DbReviewItem.id == DbGold.item_id)
        .where(DbGold.topic == topic, DbGold.state == "active", DbGold.source == "verdict")
    )
    changed = []
    for gold, state, verdict in rows:
        if state not in ("decided", "settled"):
            changed.append((gold, False))
        elif verdict is not None and verdict != gold.truth:
            changed.append((gold, True))
    return changed


def take_back(session: Session, gold_ids: Sequence[int], now: datetime) -> list[tuple[int, int, int]]:
    """Withdraw items of these gold pages that were let run out. Returns (item id, challenge id, price promised) of each."""
    return _withdraw(session, DbReviewItem.gold_id.in_(list(gold_ids)), now)


def take_back_left_over(session: Session, topic: str, now: datetime) -> list[tuple[int, int, int]]:
    """The same for items that were still held when their gold was retired."""
    retired = exists().where(DbGold.id == DbReviewItem.gold_id, DbGold.state == "retired")
    leased = and_(DbReviewItem.lease_judge_id.is_not(None), DbReviewItem.for_judge_id.is_not(None))
    return _withdraw(session, and_(leased, DbReviewItem.topic == topic, retired), now)


def _withdraw(session: Session, which: ColumnElement[bool], now: datetime) -> list[tuple[int, int, int]]:
    rows = session.execute(
        update(DbReviewItem)
        .where(which, DbReviewItem.state == "open", lease_ended(now))
        .values(state="withdrawn", lease_judge_id=None, lease_token="", lease_until=None)
        .returning(DbReviewItem.id, DbReviewItem.challenge_id, DbReviewItem.lease_price)
        .execution_options(synchronize_session=False)
    )
    return [(row[0], row[1], row[2]) for row in rows]


def any_left_over(session: Session, topic: str, now: datetime) -> bool:
    """Whether an item that was let run out belongs to gold that is retired."""
    query = (
        select(DbReviewItem.id)
        .join(DbGold, DbGold.id == DbReviewItem.gold_id)
        .where(DbReviewItem.lease_judge_id.is_not(None), DbReviewItem.for_judge_id.is_not(None))
        .where(DbReviewItem.topic == topic, DbReviewItem.state == "open", lease_ended(now))
        .where(DbGold.state == "retired")
        .limit(1)
    )
    return session.scalar(query) is not None
