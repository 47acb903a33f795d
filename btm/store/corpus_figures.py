"""Sums over verified probes: what the map and the console show of a corpus, in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from itertools import pairwise
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import Session, joinedload

from btm.store.costly import costly
from btm.store.days import day_of
from btm.store.outcomes import stands
from btm.store.tables import (
    DbAudit,
    DbAuditPage,
    DbChallenge,
    DbMachine,
    DbOutcome,
    DbPage,
    DbPlacement,
    DbQuote,
    DbReplay,
    DbReviewItem,
    DbSubmission,
)

BANDS = (0.25, 0.5, 0.75)
SURE = 0.75


class Point(NamedTuple):
    """A find on the map. `is_wrong`: whether a later machine that plays now still gets it wrong; None where it was not asked."""

    public_id: str
    x: float
    y: float
    cluster_id: int | None
    severity: float
    title: str
    url: str
    is_wrong: bool | None


class ClusterSums(NamedTuple):
    """Sums over a cluster's finds. `bands`: by severity; `open` of `asked`: still errors of the machine that plays now."""

    size: int
    finders: int
    severity: float
    bands: tuple[int, int, int, int]
    first_at: datetime
    last_at: datetime
    open: int
    asked: int


class Totals(NamedTuple):
    """Sums over a challenge's verified probes. `bands` counts its errors by severity."""

    probes: int
    errors: int
    points: int
    bands: tuple[int, int, int, int]


class Inspected(NamedTuple):
    """A page that an audit drew; its truth is None until it has a verdict."""

    bin: int
    probabilities: list[float]
    assigned: str
    truth: str | None


@costly
def points(session: Session, challenge: DbChallenge, limit: int) -> list[Point]:
    """The newest finds that have a place on the map, oldest of them first."""
    query = (
        select(
            DbSubmission.public_id, DbPlacement.x, DbPlacement.y, DbPlacement.cluster_id, DbOutcome.severity,
            func.substr(DbPage.title, 1, 120), DbSubmission.url, DbReplay.is_wrong,
        )
        .select_from(DbPlacement)
        .join(DbOutcome, DbOutcome.submission_id == DbPlacement.submission_id)
        .join(DbSubmission, DbSubmission.id == DbPlacement.submission_id)
        .join(DbPage, DbPage.id == DbOutcome.page_id)
        .outerjoin(DbReplay, _replayed(challenge))
        .where(DbPlacement.challenge_id == challenge.id, DbOutcome.is_error)
        .order_by(DbPlacement.submission_id.desc())
        .limit(limit)
    )  # fmt: skip
    return [Point._make(row) for row in session.execute(query)][::-1]


@costly
def cluster_sums(
    session: Session, challenge: DbChallenge, cluster_id: int | None = None
) -> dict[int, ClusterSums]:
    """Sums by cluster, of all clusters of a challenge that hold finds, or of one."""
    query = (
        select(
            DbPlacement.cluster_id, func.count(), func.count(DbSubmission.player_id.distinct()),
            func.avg(DbOutcome.severity), *_bands(), func.min(DbSubmission.created_at),
            func.max(DbSubmission.created_at), *_still_open(challenge),
        )
        .join(DbOutcome, DbOutcome.submission_id == DbPlacement.submission_id)
        .join(DbSubmission, DbSubmission.id == DbPlacement.submission_id)
        .join(DbQuote, DbQuote.submission_id == DbPlacement.submission_id)
        .outerjoin(DbReplay, _replayed(challenge))
        .where(
            DbPlacement.challenge_id == challenge.id, DbOutcome.is_error, DbPlacement.cluster_id.is_not(None)
        )
        .group_by(DbPlacement.cluster_id)
    )  # fmt: skip
    if cluster_id is not None:
        query = query.where(DbPlacement.cluster_id == cluster_id)
    return {
        row[0]: ClusterSums(
            row[1], row[2], float(row[3]), (row[4], row[5], row[6], row[7]), row[8], row[9], row[10], row[11]
        )
        for row in session.execute(query)
    }


def _replayed(challenge: DbChallenge) -> ColumnElement[bool]:
    return and_(
        DbReplay.submission_id == DbOutcome.submission_id, DbReplay.machine_id == challenge.machine_id
    )


def _still_open(challenge: DbChallenge) -> tuple[ColumnElement[int], ColumnElement[int]]:
    """A find is asked about by a replay, or by its quote where that was by the machine that plays now."""
    own = and_(DbReplay.id.is_(None), DbQuote.machine_id == challenge.machine_id)
    return (
        func.sum(case((or_(own, DbReplay.is_wrong), 1), else_=0)),
        func.sum(case((or_(own, DbReplay.id.is_not(None)), 1), else_=0)),
    )


def _bands() -> list[ColumnElement[int]]:
    """Counts of errors by severity, in four bands."""
    sums: list[ColumnElement[int]] = []
    for low, high in pairwise((-1.0, *BANDS, 2.0)):
        within = and_(DbOutcome.is_error, DbOutcome.severity >= low, DbOutcome.severity < high)
        sums.append(func.coalesce(func.sum(case((within, 1), else_=0)), 0))
    return sums


@costly
def totals(session: Session, challenge_id: int) -> Totals:
    """Sums over all verified probes of a challenge."""
    errors = func.coalesce(func.sum(case((DbOutcome.is_error, 1), else_=0)), 0)
    row = session.execute(
        select(func.count(), errors, func.coalesce(func.sum(DbOutcome.points), 0), *_bands()).where(
            DbOutcome.challenge_id == challenge_id, stands(DbOutcome)
        )
    ).one()
    return Totals(row[0], int(row[1]), int(row[2]), (int(row[3]), int(row[4]), int(row[5]), int(row[6])))


@costly
def quadrants(session: Session, challenge: DbChallenge) -> dict[tuple[bool, bool], int]:
    """Verified probes by (whether the machine was sure, whether it was wrong)."""
    belief = case(
        *(
            (DbOutcome.assigned == key, DbQuote.probabilities[place].as_float())
            for place, key in enumerate(challenge.label_keys)
        ),
        else_=0.0,
    )
    sure = case((belief >= SURE, 1), else_=0)
    rows = session.execute(
        select(sure, DbOutcome.is_error, func.count())
        .join(DbQuote, DbQuote.submission_id == DbOutcome.submission_id)
        .where(DbOutcome.challenge_id == challenge.id, stands(DbOutcome))
        .group_by(sure, DbOutcome.is_error)
    )
    return {(bool(is_sure), bool(is_wrong)): count for is_sure, is_wrong, count in rows}


@costly
def days(session: Session, challenge_id: int, cluster_id: int | None = None) -> list[tuple[date, int, int]]:
    """Verified probes by the day (UTC) on which they were handed in: (day, probes, errors), in order. Of one cluster where asked."""
    day = day_of(session, DbSubmission.created_at)
    query: Select[Any] = (
        select(day, func.count(), func.sum(case((DbOutcome.is_error, 1), else_=0)))
        .join(DbSubmission, DbSubmission.id == DbOutcome.submission_id)
        .where(DbOutcome.challenge_id == challenge_id, stands(DbOutcome))
        .group_by(day)
        .order_by(day)
    )
    if cluster_id is not None:
        query = query.join(DbPlacement, DbPlacement.submission_id == DbOutcome.submission_id).where(
            DbPlacement.cluster_id == cluster_id, DbOutcome.is_error
        )
    return [
        (each if isinstance(each, date) else date.fromisoformat(each), count, int(errors))
        for each, count, errors in session.execute(query)
    ]


def addresses(session: Session, cluster_id: int) -> list[tuple[str, str]]:
    """(URL, language) of a cluster's finds."""
    rows = session.execute(
        select(DbSubmission.url, DbPage.language)
        .select_from(DbPlacement)
        .join(DbOutcome, DbOutcome.submission_id == DbPlacement.submission_id)
        .join(DbSubmission, DbSubmission.id == DbPlacement.submission_id)
        .join(DbPage, DbPage.id == DbOutcome.page_id)
        .where(DbPlacement.cluster_id == cluster_id, DbOutcome.is_error)
    )
    return [(url, language) for url, language in rows]


def quoted_versions(session: Session, cluster_id: int) -> list[tuple[DbMachine, int, int, datetime]]:
    """The machine versions that a cluster's finds beat when they were handed in: (machine, wrong, total, when last)."""
    rows = session.execute(
        select(DbMachine, func.count(), func.count(), func.max(DbQuote.quoted_at))
        .join(DbQuote, DbQuote.machine_id == DbMachine.id)
        .join(DbPlacement, DbPlacement.submission_id == DbQuote.submission_id)
        .where(DbPlacement.cluster_id == cluster_id)
        .group_by(DbMachine.id)
    )
    return [(machine, wrong, total, at) for machine, wrong, total, at in rows]


def replayed_versions(session: Session, cluster_id: int) -> list[tuple[DbMachine, int, int, datetime]]:
    """What other machine versions say of a cluster's finds: (machine, wrong, total, when last)."""
    rows = session.execute(
        select(
            DbMachine,
            func.sum(case((DbReplay.is_wrong, 1), else_=0)),
            func.count(),
            func.max(DbReplay.replayed_at),
        )
        .join(DbReplay, DbReplay.machine_id == DbMachine.id)
        .join(DbPlacement, DbPlacement.submission_id == DbReplay.submission_id)
        .join(DbQuote, DbQuote.submission_id == DbReplay.submission_id)
        .where(DbPlacement.cluster_id == cluster_id, DbQuote.machine_id != DbReplay.machine_id)
        .group_by(DbMachine.id)
    )
    return [(machine, wrong, total, at) for machine, wrong, total, at in rows]


def latest_audit(session: Session, challenge_id: int) -> DbAudit | None:
    """The newest audit of a challenge whose pages are being judged, or were."""
    return session.scalar(
        select(DbAudit)
        .where(DbAudit.challenge_id == challenge_id, DbAudit.state.in_(("judging", "done")))
        .options(joinedload(DbAudit.machine))
        .order_by(DbAudit.id.desc())
        .limit(1)
    )


def inspected(session: Session, audit_id: int) -> list[Inspected]:
    """The pages that an audit drew, with what the machine said and the verdict, where there is one."""
    return inspected_of(session, [audit_id])[audit_id]


def inspected_of(session: Session, audit_ids: Sequence[int]) -> dict[int, list[Inspected]]:
    """The same of several audits, by their ids."""
    has_verdict = DbReviewItem.state.in_(("decided", "settled"))
    rows = session.execute(
        select(
            DbAuditPage.audit_id,
            DbAuditPage.bin,
            DbAuditPage.probabilities,
            DbAuditPage.assigned,
            case((has_verdict, DbReviewItem.verdict), else_=None),
        )
        .join(DbReviewItem, DbReviewItem.id == DbAuditPage.item_id)
        .where(DbAuditPage.audit_id.in_(list(audit_ids)))
        .order_by(DbAuditPage.id)
    )
    found: dict[int, list[Inspected]] = {audit_id: [] for audit_id in audit_ids}
    for audit_id, *page in rows:
        found[audit_id].append(Inspected._make(page))
    return found
