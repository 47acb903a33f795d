"""Queries about rounds: what they learn from, how they stand, and what versions say of the corpus."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import case, func, or_, select, update
from sqlalchemy.orm import Session

from btm.store.outcomes import stands
from btm.store.tables import (
    DbAudit,
    DbAuditPage,
    DbCluster,
    DbMachine,
    DbOutcome,
    DbPage,
    DbPlacement,
    DbReplay,
    DbReviewItem,
    DbRound,
    DbTask,
)
from btm.store.transaction import insert_once


class Verified(NamedTuple):
    """A verified probe: `cluster` is a cluster's public id, or empty."""

    submission_id: int
    truth: str
    cluster: str
    page: DbPage


def find_round(session: Session, challenge_id: int, public_id: str, *, lock: bool = False) -> DbRound | None:
    """The round of a challenge with this public id."""
    query = select(DbRound).where(DbRound.challenge_id == challenge_id, DbRound.public_id == public_id)
    return session.scalar(query.with_for_update() if lock else query)


def rounds_of(session: Session, challenge_id: int) -> list[DbRound]:
    """A challenge's rounds, newest first."""
    return list(
        session.scalars(
            select(DbRound).where(DbRound.challenge_id == challenge_id).order_by(DbRound.number.desc())
        )
    )


def round_that_made(session: Session, challenge_id: int, machine_id: int) -> DbRound | None:
    """The last round of a challenge that came to this version."""
    return session.scalar(
        select(DbRound)
        .where(DbRound.challenge_id == challenge_id, DbRound.candidate_id == machine_id)
        .order_by(DbRound.number.desc())
        .limit(1)
    )


def round_that_plays(session: Session, challenge_id: int, machine_id: int) -> DbRound | None:
    """The promoted round of a challenge whose machine is the one that plays."""
    return session.scalar(
        select(DbRound)
        .where(
            DbRound.challenge_id == challenge_id,
            DbRound.candidate_id == machine_id,
            DbRound.state == "promoted",
        )
        .order_by(DbRound.number.desc())
        .limit(1)
    )


def fail_round(session: Session, public_id: str, message: str, now: datetime) -> None:
    """Say that a round's training came to nothing."""
    session.execute(
        update(DbRound)
        .where(DbRound.public_id == public_id, DbRound.state == "training")
        .values(state="failed", message=message, finished_at=now)
        .execution_options(synchronize_session=False)
    )


def machine_names(session: Session, ids: Iterable[int]) -> dict[int, DbMachine]:
    """Machine versions by id."""
    rows = session.scalars(select(DbMachine).where(DbMachine.id.in_(list(ids))))
    return {row.id: row for row in rows}


def newest_outcome(session: Session, challenge_id: int) -> int:
    """The last outcome of a challenge; 0 before the first."""
    return session.scalar(select(func.max(DbOutcome.id)).where(DbOutcome.challenge_id == challenge_id)) or 0


def causes(session: Session, challenge_id: int) -> list[tuple[int, int | None]]:
    """The cluster of each find: (submission id, cluster id, or None for one that is alone)."""
    rows = session.execute(
        select(DbOutcome.submission_id, DbPlacement.cluster_id)
        .outerjoin(DbPlacement, DbPlacement.submission_id == DbOutcome.submission_id)
        .where(DbOutcome.challenge_id == challenge_id, DbOutcome.is_error)
        .order_by(DbOutcome.id)
    )
    return [(submission, cluster) for submission, cluster in rows]


def verified(session: Session, challenge_id: int, *, errors: bool, upto: int, most: int) -> list[Verified]:
    """The newest verified errors (or right answers) among the outcomes up to `upto`, oldest of them first."""
    rows = session.execute(
        select(DbOutcome.submission_id, DbOutcome.truth, DbCluster.public_id, DbPage)
        .join(DbPage, DbPage.id == DbOutcome.page_id)
        .outerjoin(DbPlacement, DbPlacement.submission_id == DbOutcome.submission_id)
        .outerjoin(DbCluster, DbCluster.id == DbPlacement.cluster_id)
        .where(
            DbOutcome.challenge_id == challenge_id,
            DbOutcome.is_error.is_(errors),
            DbOutcome.id <= upto,
            stands(DbOutcome),
        )
        .order_by(DbOutcome.id.desc())
        .limit(most)
    )
    return [Verified(sub, truth, cluster or "", page) for sub, truth, cluster, page in rows][::-1]


def right_counts(session: Session, challenge_id: int) -> dict[str, int]:
    """How many probes of each true label the machine got right."""
    rows = session.execute(
        select(DbOutcome.truth, func.count())
        .where(DbOutcome.challenge_id == challenge_id, DbOutcome.is_error.is_(False), stands(DbOutcome))
        .group_by(DbOutcome.truth)
    )
    return dict(rows.all())


def inspected(session: Session, challenge_id: int) -> list[tuple[str, DbPage]]:
    """Pages that inspections drew and that have a verdict, each once: (truth, page), oldest first."""
    rows = session.execute(
        select(DbReviewItem.verdict, DbPage)
        .join(DbAuditPage, DbAuditPage.item_id == DbReviewItem.id)
        .join(DbAudit, DbAudit.id == DbAuditPage.audit_id)
        .join(DbPage, DbPage.id == DbAuditPage.page_id)
        .where(
            DbAudit.challenge_id == challenge_id,
            DbReviewItem.verdict.is_not(None),
            DbReviewItem.state.in_(("decided", "settled")),
        )
        .order_by(DbAuditPage.id)
    )
    return list({page.id: (truth or "", page) for truth, page in rows}.values())


def training_input(session: Session, name: str, version: str) -> dict[str, Any] | None:
    """What a machine's version was trained from, where that was done in the background."""
    rows = session.scalars(
        select(DbTask).where(DbTask.kind == "train", DbTask.state == "done").order_by(DbTask.id.desc())
    )
    for row in rows:
        if (row.result.get("machine"), row.result.get("version")) == (name, version):
            return row.input
    return None


def has_finds(session: Session, challenge_id: int) -> bool:
    """Whether a challenge has a verified error."""
    return (
        session.scalar(
            select(DbOutcome.id).where(DbOutcome.challenge_id == challenge_id, DbOutcome.is_error).limit(1)
        )
        is not None
    )


def count_replays(session: Session, challenge_id: int) -> int:
    """How many replays of a challenge were ever begun."""
    return (
        session.scalar(
            select(func.count()).where(DbTask.challenge_id == challenge_id, DbTask.kind == "replay")
        )
        or 0
    )


def to_replay(
    session: Session, challenge_id: int, machine_id: int, after: int, limit: int
) -> list[tuple[DbOutcome, DbPage]]:
    """Finds that a version was not asked about since they were verified, in order, from the outcome `after` on."""
    mine = (DbReplay.submission_id == DbOutcome.submission_id) & (DbReplay.machine_id == machine_id)
    rows = session.execute(
        select(DbOutcome, DbPage)
        .join(DbPage, DbPage.id == DbOutcome.page_id)
        .outerjoin(DbReplay, mine)
        .where(
            DbOutcome.challenge_id == challenge_id,
            DbOutcome.is_error,
            DbOutcome.id > after,
            or_(DbReplay.id.is_(None), DbReplay.replayed_at < DbOutcome.settled_at),
        )
        .order_by(DbOutcome.id)
        .limit(limit)
    )
    return [(outcome, page) for outcome, page in rows]


def count_to_replay(session: Session, challenge_id: int, machine_id: int) -> int:
    """How many finds a version was not asked about yet."""
    mine = (DbReplay.submission_id == DbOutcome.submission_id) & (DbReplay.machine_id == machine_id)
    return (
        session.scalar(
            select(func.count())
            .select_from(DbOutcome)
            .outerjoin(DbReplay, mine)
            .where(DbOutcome.challenge_id == challenge_id, DbOutcome.is_error, DbReplay.id.is_(None))
        )
        or 0
    )


def put_replay(session: Session, values: dict[str, Any]) -> None:
    """Write what a version says of a find. Where it was asked before the verdict changed, that is put right."""
    if insert_once(session, DbReplay, values) is None:
        session.execute(
            update(DbReplay)
            .where(
                DbReplay.machine_id == values["machine_id"],
                DbReplay.submission_id == values["submission_id"],
            )
            .values(**values)
            .execution_options(synchronize_session=False)
        )


def tallies(session: Session, challenge_id: int, machine_id: int) -> dict[int, tuple[int, int]]:
    """For each cluster, how many of its finds a version still gets wrong, and about how many it was asked."""
    rows = session.execute(
        select(DbPlacement.cluster_id, func.sum(case((DbReplay.is_wrong, 1), else_=0)), func.count())
        .join(DbOutcome, DbOutcome.submission_id == DbPlacement.submission_id)
        .join(DbReplay, DbReplay.submission_id == DbOutcome.submission_id)
        .where(
            DbOutcome.challenge_id == challenge_id,
            DbOutcome.is_error,
            DbReplay.machine_id == machine_id,
            DbPlacement.cluster_id.is_not(None),
        )
        .group_by(DbPlacement.cluster_id)
    )
    return {cluster: (int(wrong), int(total)) for cluster, wrong, total in rows}


def clusters_by_public_id(session: Session, challenge_id: int, ids: Iterable[str]) -> dict[str, DbCluster]:
    """Clusters of a challenge by their public ids."""
    rows = session.scalars(
        select(DbCluster).where(DbCluster.challenge_id == challenge_id, DbCluster.public_id.in_(list(ids)))
    )
    return {row.public_id: row for row in rows}
