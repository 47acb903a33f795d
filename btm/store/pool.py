"""Queries about pages that nobody submitted: the pool, scans, and what is promised to those who judge such pages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Integer, Select, String, bindparam, cast, func, or_, select, update
from sqlalchemy.orm import Session

from btm.store.outcomes import stands
from btm.store.tables import (
    DbCluster,
    DbEntry,
    DbJudgement,
    DbOutcome,
    DbPage,
    DbPlacement,
    DbPoolPage,
    DbReviewItem,
    DbScan,
)
from btm.store.transaction import insert_once

HAS_VERDICT = DbReviewItem.state.in_(("decided", "settled")) & DbReviewItem.verdict.is_not(None)


class Judged(NamedTuple):
    """A probe that has its verdict. `cluster` is the public id of its cluster, None where it has none."""

    submission_id: int
    truth: str
    is_error: bool
    cluster: str | None


class Verified(NamedTuple):
    """A page of the pool that has its verdict."""

    pool_page: DbPoolPage
    page: DbPage
    truth: str
    probability: float


def judged(session: Session, challenge_id: int, limit: int) -> list[Judged]:
    """The newest verified probes of a challenge, oldest of them first, with their clusters."""
    rows = session.execute(
        select(DbOutcome.submission_id, DbOutcome.truth, DbOutcome.is_error, DbCluster.public_id)
        .outerjoin(DbPlacement, DbPlacement.submission_id == DbOutcome.submission_id)
        .outerjoin(DbCluster, DbCluster.id == DbPlacement.cluster_id)
        .where(DbOutcome.challenge_id == challenge_id, stands(DbOutcome))
        .order_by(DbOutcome.id.desc())
        .limit(limit)
    )
    return [Judged._make(row) for row in rows][::-1]


def hashes_in_pool(session: Session, challenge_id: int, hashes: Iterable[str]) -> set[str]:
    """Those of these content hashes that a page in the challenge's pool has."""
    return set(
        session.scalars(
            select(DbPage.content_hash)
            .join(DbPoolPage, DbPoolPage.page_id == DbPage.id)
            .where(DbPoolPage.challenge_id == challenge_id, DbPage.content_hash.in_(list(hashes)))
        )
    )


def add_to_pool(session: Session, values: dict[str, Any]) -> bool:
    """Write a page of the pool, once. Returns whether it was new."""
    return insert_once(session, DbPoolPage, values) is not None


def verified(session: Session, challenge_id: int, *, errors_only: bool = False) -> list[Verified]:
    """The pages of a challenge's pool that have their verdict, in the order in which they came to the pool."""
    query = (
        select(DbPoolPage, DbPage, DbReviewItem.verdict, DbReviewItem.verdict_probability)
        .join(DbPage, DbPage.id == DbPoolPage.page_id)
        .join(DbReviewItem, DbReviewItem.id == DbPoolPage.item_id)
        .where(DbPoolPage.challenge_id == challenge_id, HAS_VERDICT)
        .order_by(DbPoolPage.id)
    )
    if errors_only:
        query = query.where(DbReviewItem.verdict != DbPoolPage.assigned)
    return [Verified(a, b, c or "", d or 0.0) for a, b, c, d in session.execute(query)]


def verdicts(session: Session, challenge_id: int, source: str) -> dict[tuple[str, str], bool]:
    """Of the pages of a challenge's pool that came from `source` and have their verdict: whether the machine was wrong, by (address,
    public id of the cluster that the page looked like)."""
    rows = session.execute(
        select(DbPage.url, DbCluster.public_id, DbReviewItem.verdict != DbPoolPage.assigned)
        .select_from(DbPoolPage)
        .join(DbPage, DbPage.id == DbPoolPage.page_id)
        .join(DbCluster, DbCluster.id == DbPoolPage.cluster_id)
        .join(DbReviewItem, DbReviewItem.id == DbPoolPage.item_id)
        .where(DbPoolPage.challenge_id == challenge_id, DbPoolPage.source == source, HAS_VERDICT)
        .order_by(DbPoolPage.id)
    )
    return {(url, cluster): bool(is_wrong) for url, cluster, is_wrong in rows}


def escrow_of_item(session: Session, item_id: int) -> int:
    """What is still promised to those who judge an item that no submission stands behind."""
    own = {"reserved": f"reserve:item:{item_id}", "released": f"release:item:{item_id}"}
    kept, paid = session.execute(_escrow_of_item(), {**own, "item": item_id}).one()
    return int(kept or 0) + int(paid or 0) if kept else 0


def place_weights(
    session: Session, challenge_id: int, submission_ids: Sequence[int]
) -> dict[int, tuple[str, str, int | None, float]]:
    """Of these finds those that have a place: (truth, assigned, cluster, weight of the cluster), by submission."""
    rows = session.execute(_place_weights(), {"challenge": challenge_id, "finds": list(submission_ids)})
    return {row[0]: (row[1], row[2], row[3], row[4] if row[4] is not None else 1.0) for row in rows}


def members(session: Session, cluster_id: int, limit: int) -> list[int]:
    """The submissions whose finds were placed in a cluster last."""
    return list(session.scalars(_members(), {"cluster": cluster_id, "most": limit}))


@cache
def _escrow_of_item() -> Select[Any]:
    """What the item's own entries promise, and what its judgements were paid out of it. Asked with every answer: built once."""
    key = "judging:" + cast(DbJudgement.id, String)
    own = or_(
        DbEntry.key == bindparam("reserved", type_=String), DbEntry.key == bindparam("released", type_=String)
    )
    kept = select(func.sum(DbEntry.escrow)).where(own).scalar_subquery()
    paid = select(func.sum(DbEntry.escrow)).join(DbJudgement, DbEntry.key == key)
    of_item = paid.where(DbJudgement.item_id == bindparam("item", type_=Integer)).scalar_subquery()
    return select(kept, of_item)


@cache
def _place_weights() -> Select[int, str, str, int | None, float]:
    """Built once, as it is asked with every quote."""
    return (
        select(
            DbOutcome.submission_id, DbOutcome.truth, DbOutcome.assigned, DbPlacement.cluster_id, DbCluster.weight
        )
        .join(DbPlacement, DbPlacement.submission_id == DbOutcome.submission_id)
        .outerjoin(DbCluster, DbCluster.id == DbPlacement.cluster_id)
        .where(
            DbOutcome.challenge_id == bindparam("challenge", type_=Integer),
            DbOutcome.submission_id.in_(bindparam("finds", expanding=True)),
        )
    )  # fmt: skip


@cache
def _members() -> Select[int]:
    return (
        select(DbPlacement.submission_id)
        .where(DbPlacement.cluster_id == bindparam("cluster", type_=Integer))
        .order_by(DbPlacement.id.desc())
        .limit(bindparam("most", type_=Integer))
    )


def write_prevalence(
    session: Session, challenge_id: int, public_id: str, prevalence: dict[str, Any], weight: float
) -> None:
    """Keep what a scan estimated of a cluster."""
    session.execute(
        update(DbCluster)
        .where(DbCluster.challenge_id == challenge_id, DbCluster.public_id == public_id)
        .values(prevalence=prevalence, weight=weight)
    )


def names(session: Session, challenge_id: int) -> dict[str, str]:
    """The names of a challenge's clusters by their public ids."""
    rows = session.execute(
        select(DbCluster.public_id, DbCluster.name).where(DbCluster.challenge_id == challenge_id)
    )
    return dict(rows.all())


def ids_of_clusters(session: Session, challenge_id: int, public_ids: Iterable[str]) -> dict[str, int]:
    """The ids of a challenge's clusters by their public ids."""
    rows = session.execute(
        select(DbCluster.public_id, DbCluster.id).where(
            DbCluster.challenge_id == challenge_id, DbCluster.public_id.in_(list(public_ids))
        )
    )
    return dict(rows.all())


def scans_of(session: Session, challenge_id: int, limit: int) -> list[DbScan]:
    """The scans of a challenge, newest first."""
    return list(
        session.scalars(
            select(DbScan).where(DbScan.challenge_id == challenge_id).order_by(DbScan.id.desc()).limit(limit)
        )
    )


def find_scan(session: Session, challenge_id: int, public_id: str) -> DbScan | None:
    """The scan of a challenge with this public id."""
    return session.scalar(
        select(DbScan).where(DbScan.challenge_id == challenge_id, DbScan.public_id == public_id)
    )


def sent_by(session: Session, challenge_id: int, sources: Sequence[str]) -> dict[str, int]:
    """How many pages of a challenge's pool came from these sources, by the public id of the cluster that they looked like; empty for
    none."""
    rows = session.execute(
        select(func.coalesce(DbCluster.public_id, ""), func.count())
        .select_from(DbPoolPage)
        .outerjoin(DbCluster, DbCluster.id == DbPoolPage.cluster_id)
        .where(DbPoolPage.challenge_id == challenge_id, DbPoolPage.source.in_(list(sources)))
        .group_by(DbCluster.public_id)
    )
    return dict(rows.all())
