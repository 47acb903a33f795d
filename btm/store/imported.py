"""Queries about a modeler's imported pool: pages with noisy labels, what is up for judgement, and how good it became."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, func, select, update
from sqlalchemy.orm import Session, lazyload

from btm.store.tables import DbJudgement, DbPage, DbPoolPage, DbPoolPoint, DbReviewItem
from btm.store.transaction import insert_once

SOURCE = "import"
IMPORTED = DbPoolPage.source == SOURCE


class Imported(NamedTuple):
    """A page of the pool, with its item where it is up for judgement, and its text's row."""

    pool_page: DbPoolPage
    item: DbReviewItem | None
    page: DbPage


def waiting(session: Session, challenge_id: int, limit: int) -> list[tuple[DbPoolPage, DbPage]]:
    """Pages that are not up for judgement, those with the highest score first."""
    rows = session.execute(
        select(DbPoolPage, DbPage)
        .join(DbPage, DbPage.id == DbPoolPage.page_id)
        .where(DbPoolPage.challenge_id == challenge_id, IMPORTED, DbPoolPage.item_id.is_(None))
        .order_by(DbPoolPage.score.desc(), DbPoolPage.id)
        .limit(limit)
    )
    return [(pool_page, page) for pool_page, page in rows]


def count_judgements(session: Session, challenge_id: int) -> int:
    """How many labels judges gave to imported pages; those withdrawn do not count."""
    found = session.scalar(
        select(func.count())
        .select_from(DbJudgement)
        .join(DbPoolPage, DbPoolPage.item_id == DbJudgement.item_id)
        .where(
            DbPoolPage.challenge_id == challenge_id,
            IMPORTED,
            DbJudgement.label.is_not(None),
            DbJudgement.withdrawn_at.is_(None),
        )
    )
    return int(found or 0)


def batches(session: Session, challenge_id: int, size: int = 500) -> Iterator[list[Imported]]:
    """All imported pages, in the order in which they came, a batch at a time."""
    after = 0
    while True:
        rows = session.execute(
            select(DbPoolPage, DbReviewItem, DbPage)
            .join(DbPage, DbPage.id == DbPoolPage.page_id)
            .outerjoin(DbReviewItem, DbReviewItem.id == DbPoolPage.item_id)
            .where(DbPoolPage.challenge_id == challenge_id, IMPORTED, DbPoolPage.id > after)
            .options(lazyload(DbReviewItem.challenge))  # joined, it would leave out pages without an item
            .order_by(DbPoolPage.id)
            .limit(size)
        ).all()
        if not rows:
            return
        batch = [Imported(*row) for row in rows]
        after = batch[-1].pool_page.id
        yield batch


def listed(session: Session, challenge_id: int, *, state: str, after: int, limit: int) -> list[Imported]:
    """Imported pages of a state (waiting, open, undecided or decided; empty: of any) that come after one of them. Those that wait
    come in the order in which they are put up, all others in that in which they came."""
    place = (DbPoolPage.id,)
    wanted = (
        select(DbPoolPage, DbReviewItem, DbPage)
        .join(DbPage, DbPage.id == DbPoolPage.page_id)
        .outerjoin(DbReviewItem, DbReviewItem.id == DbPoolPage.item_id)
        .where(DbPoolPage.challenge_id == challenge_id, IMPORTED)
        .options(lazyload(DbReviewItem.challenge))
        .limit(limit)
    )
    beyond: ColumnElement[bool] = DbPoolPage.id > after
    if state == "waiting":
        last = select(DbPoolPage.score).where(DbPoolPage.id == after).scalar_subquery()
        beyond = (DbPoolPage.score < last) | and_(DbPoolPage.score == last, beyond)
        wanted = wanted.where(DbPoolPage.item_id.is_(None)).order_by(DbPoolPage.score.desc(), *place)
    else:
        states = ("decided", "settled") if state == "decided" else (state,)
        wanted = (wanted.where(DbReviewItem.state.in_(states)) if state else wanted).order_by(*place)
    rows = session.execute(wanted.where(beyond) if after else wanted).all()
    return [Imported(*row) for row in rows]


def marks(session: Session, challenge_id: int) -> Iterator[tuple[str, str | None, dict[str, int]]]:
    """Of every imported page: the state of its item (`waiting` without one), its verdict, and the labels given."""
    rows = session.execute(
        select(func.coalesce(DbReviewItem.state, "waiting"), DbReviewItem.verdict, DbPoolPage.given)
        .select_from(DbPoolPage)
        .outerjoin(DbReviewItem, DbReviewItem.id == DbPoolPage.item_id)
        .where(DbPoolPage.challenge_id == challenge_id, IMPORTED)
    )
    yield from ((state, verdict, given) for state, verdict, given in rows)


def judged_labels(session: Session, item_ids: Sequence[int]) -> dict[int, dict[str, int]]:
    """How often judges gave each label to items, by item; those withdrawn do not count."""
    rows = session.execute(
        select(DbJudgement.item_id, DbJudgement.label, func.count())
        .where(
            DbJudgement.item_id.in_(list(item_ids)),
            DbJudgement.label.is_not(None),
            DbJudgement.withdrawn_at.is_(None),
        )
        .group_by(DbJudgement.item_id, DbJudgement.label)
    )
    found: dict[int, dict[str, int]] = {}
    for item_id, label, count in rows:
        found.setdefault(item_id, {})[label or ""] = count
    return found


def judgements(session: Session, item_ids: Sequence[int]) -> dict[int, list[DbJudgement]]:
    """The labels that judges gave to items, by item, in order; those withdrawn are left out."""
    rows = session.scalars(
        select(DbJudgement)
        .where(
            DbJudgement.item_id.in_(list(item_ids)),
            DbJudgement.label.is_not(None),
            DbJudgement.withdrawn_at.is_(None),
        )
        .order_by(DbJudgement.id)
    )
    found: dict[int, list[DbJudgement]] = {}
    for row in rows:
        found.setdefault(row.item_id, []).append(row)
    return found


def put_up(session: Session, pool_page_id: int, item_id: int) -> None:
    """Note the item of a page."""
    session.execute(update(DbPoolPage).where(DbPoolPage.id == pool_page_id).values(item_id=item_id))


def add_point(session: Session, values: dict[str, Any]) -> bool:
    """Keep a point of the chart, one for each count of judgements. Returns whether it was new."""
    return insert_once(session, DbPoolPoint, values) is not None


def points(session: Session, challenge_id: int) -> list[DbPoolPoint]:
    """The points of the chart, in order."""
    return list(
        session.scalars(
            select(DbPoolPoint)
            .where(DbPoolPoint.challenge_id == challenge_id)
            .order_by(DbPoolPoint.judgements)
        )
    )


def growth(session: Session) -> list[tuple[int, int, int | None]]:
    """Of every challenge with an imported pool: its id, the judgements there are, and those at its last point (None: no point)."""
    judged = (
        select(DbPoolPage.challenge_id, func.count(DbJudgement.id).label("judgements"))
        .select_from(DbPoolPage)
        .outerjoin(
            DbJudgement,
            (DbJudgement.item_id == DbPoolPage.item_id)
            & DbJudgement.label.is_not(None)
            & DbJudgement.withdrawn_at.is_(None),
        )
        .where(IMPORTED)
        .group_by(DbPoolPage.challenge_id)
        .subquery()
    )
    last = (
        select(DbPoolPoint.challenge_id, func.max(DbPoolPoint.judgements).label("last"))
        .group_by(DbPoolPoint.challenge_id)
        .subquery()
    )
    rows = session.execute(
        select(judged.c.challenge_id, judged.c.judgements, last.c.last).outerjoin(
            last, last.c.challenge_id == judged.c.challenge_id
        )
    )
    return [(a, b, c) for a, b, c in rows]


def rank(session: Session, pool_page_id: int, model_uncertainty: float, score: float) -> None:
    """Order a page anew, unless it was put up meanwhile."""
    session.execute(
        update(DbPoolPage)
        .where(DbPoolPage.id == pool_page_id, DbPoolPage.item_id.is_(None))
        .values(model_uncertainty=model_uncertainty, score=score)
    )
