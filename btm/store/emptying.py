"""Statements that empty what held the content of a page that is taken down. Every figure stays; every word goes."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import and_, delete, exists, select, update
from sqlalchemy.orm import Session

from btm.store.tables import (
    DbAct,
    DbAppeal,
    DbBand,
    DbCall,
    DbChallenge,
    DbClaim,
    DbCluster,
    DbDispute,
    DbEntry,
    DbExample,
    DbGold,
    DbJudgement,
    DbOutcome,
    DbPage,
    DbPlacement,
    DbPoolPage,
    DbQuote,
    DbRecheck,
    DbReplay,
    DbReviewItem,
    DbSubmission,
    DbTombstone,
)


def owners(session: Session, page_ids: Sequence[int]) -> dict[int, tuple[int, str]]:
    """Of these pages: (challenge id, the public id that they are known by)."""
    ids = list(page_ids)
    found: dict[int, tuple[int, str]] = {}
    in_pool = select(DbPoolPage.page_id, DbPoolPage.challenge_id).where(DbPoolPage.page_id.in_(ids))
    for pooled, challenge_id in session.execute(in_pool):
        found[pooled] = (challenge_id, f"pool-{pooled}")
    for owner in (DbReviewItem, DbSubmission):
        query = select(owner.page_id, owner.challenge_id, owner.public_id).where(owner.page_id.in_(ids))
        if owner is DbReviewItem:
            query = query.where(DbReviewItem.for_judge_id.is_(None))
        for page_id, challenge_id, name in session.execute(query):
            if page_id is not None:
                found[page_id] = (challenge_id, name)
    return found


def submissions_of(session: Session, page_ids: Sequence[int]) -> list[int]:
    """The submissions behind some pages, in the order in which they are locked."""
    query = select(DbSubmission.id).where(DbSubmission.page_id.in_(list(page_ids)))
    return list(session.scalars(query.order_by(DbSubmission.id)))


def lock_items(session: Session, page_ids: Sequence[int]) -> list[DbReviewItem]:
    """The review items of some pages, those made of gold for one judge too, locked until the transaction ends."""
    return list(
        session.scalars(
            select(DbReviewItem)
            .where(DbReviewItem.page_id.in_(list(page_ids)))
            .order_by(DbReviewItem.id)
            .with_for_update(of=DbReviewItem, key_share=True)
        )
    )


def lock_pages(session: Session, page_ids: Sequence[int]) -> list[DbPage]:
    """Pages that no tombstone stands for yet, locked."""
    buried = exists().where(DbTombstone.page_id == DbPage.id)
    query = select(DbPage).where(DbPage.id.in_(list(page_ids)), ~buried).order_by(DbPage.id)
    return list(session.scalars(query.with_for_update(of=DbPage, key_share=True)))


def gold_of(session: Session, page_ids: Sequence[int]) -> list[DbGold]:
    """Gold that was made of some pages."""
    return list(session.scalars(select(DbGold).where(DbGold.page_id.in_(list(page_ids))).order_by(DbGold.id)))


def outcome_numbers(session: Session, submission_ids: Sequence[int]) -> dict[int, int]:
    """The numbers of the verified errors among some submissions."""
    query = select(DbOutcome.submission_id, DbOutcome.id).where(
        DbOutcome.submission_id.in_(list(submission_ids)), DbOutcome.is_error
    )
    return dict(session.execute(query).all())


def forget_finds(session: Session, submission_ids: Sequence[int]) -> list[int]:
    """What was verified of some submissions, what later machines said of it, its places and rechecks; and the claims on their pages.
    Returns the clusters that they stood in."""
    ids = list(submission_ids)
    placed = select(DbPlacement.cluster_id).where(
        DbPlacement.submission_id.in_(ids), DbPlacement.cluster_id.is_not(None)
    )
    clusters = sorted({cluster for cluster in session.scalars(placed) if cluster is not None})
    for table in (DbPlacement, DbReplay, DbRecheck, DbOutcome, DbExample, DbClaim, DbBand):
        session.execute(
            delete(table).where(table.submission_id.in_(ids)).execution_options(synchronize_session=False)
        )
    return clusters


def clusters_named(session: Session, cluster_ids: Sequence[int]) -> list[DbCluster]:
    """Clusters by id, locked."""
    query = select(DbCluster).where(DbCluster.id.in_(list(cluster_ids))).order_by(DbCluster.id)
    return list(session.scalars(query.with_for_update(key_share=True)))


def texts_of_cluster(session: Session, cluster_id: int, limit: int) -> list[tuple[str, str]]:
    """(title, text) of the pages that stand in a cluster, some of them."""
    rows = session.execute(
        select(DbPage.title, DbPage.text)
        .join(DbSubmission, DbSubmission.page_id == DbPage.id)
        .join(DbPlacement, DbPlacement.submission_id == DbSubmission.id)
        .where(DbPlacement.cluster_id == cluster_id)
        .order_by(DbPlacement.id)
        .limit(limit)
    )
    return [(title, text) for title, text in rows]


def forget_words(
    session: Session, submission_ids: Sequence[int], item_ids: Sequence[int], gold_ids: Sequence[int]
) -> None:
    """What people wrote about some pages, and wherever else their titles or addresses were written down. No figure changes."""
    quiet = {"synchronize_session": False}
    session.execute(
        update(DbJudgement)
        .where(DbJudgement.item_id.in_(list(item_ids)))
        .values(reason="", other="")
        .execution_options(**quiet)
    )
    session.execute(
        update(DbAppeal)
        .where(DbAppeal.submission_id.in_(list(submission_ids)))
        .values(reason="")
        .execution_options(**quiet)
    )
    session.execute(
        update(DbQuote)
        .where(DbQuote.submission_id.in_(list(submission_ids)))
        .values(site="")
        .execution_options(**quiet)
    )
    session.execute(
        update(DbDispute)
        .where(DbDispute.gold_id.in_(list(gold_ids)))
        .values(reason="", answer="")
        .execution_options(**quiet)
    )


def rename_entries(session: Session, submission_ids: Sequence[int], words: str) -> None:
    """Ledger lines that name a page by its title name it no more. What they moved stays."""
    named = and_(
        DbEntry.submission_id.in_(list(submission_ids)),
        DbEntry.kind.in_(("bonus", "base", "deadline", "reversal")),
    )
    session.execute(
        update(DbEntry).where(named).values(reason=words).execution_options(synchronize_session=False)
    )


def forget_in_acts(session: Session, challenge_ids: Collection[int], names: Collection[str]) -> None:
    """The acts on record stay; the reasons that were given for pages with these names go."""
    slugs = session.scalars(select(DbChallenge.slug).where(DbChallenge.id.in_(list(challenge_ids))))
    subjects = [f"challenge:{slug}" for slug in slugs]
    query = select(DbAct).where(DbAct.subject.in_(subjects), DbAct.verb == "decide_page")
    for row in session.scalars(query):
        if row.detail.get("item") in names:
            row.detail = {key: value for key, value in row.detail.items() if key != "reason"}


def forget_calls(session: Session, names: Collection[str]) -> None:
    """Answers of the API that are kept for callers who ask twice, where they tell of a page. Its second call is a first one then."""
    for name in names:
        session.execute(
            delete(DbCall)
            .where(DbCall.body.contains(name, autoescape=True))
            .execution_options(synchronize_session=False)
        )


def forget_in_pool(session: Session, page_ids: Sequence[int]) -> None:
    """Take pages out of the pool."""
    session.execute(
        delete(DbPoolPage)
        .where(DbPoolPage.page_id.in_(list(page_ids)))
        .execution_options(synchronize_session=False)
    )
