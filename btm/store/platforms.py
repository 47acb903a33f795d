"""Queries about people who come by a platform, and what they took there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, case, delete, exists, func, select, update
from sqlalchemy.orm import Session

from btm.store.tables import (
    DbAssignment,
    DbChallenge,
    DbGrant,
    DbJudgement,
    DbPiece,
    DbQualification,
    DbReviewItem,
    DbSubmission,
    DbTopicQualification,
    DbWorker,
    DbWorkSession,
)

PAYABLE = ("approved", "submitted")
"""States of an assignment against which a platform pays a bonus."""


@dataclass(frozen=True, slots=True)
class PayAddress:
    """Where an account's money goes, in a platform's own ids; `assignment` is empty where there is none to pay against."""

    platform: str
    worker: str
    assignment: str = ""


def pay_addresses(session: Session) -> dict[int, PayAddress]:
    """For each account that came by a platform, where to pay it: the newest assignment that was approved, or else handed in; without
    one, the platform that the account came by last. Accounts that came by none are missing: they are paid locally."""
    workers = session.execute(
        select(DbWorker.account_id, DbWorker.platform, DbWorker.external_id).order_by(DbWorker.id)
    )
    found = {account_id: PayAddress(platform, worker) for account_id, platform, worker in workers}
    rows = session.execute(
        select(DbAssignment.account_id, DbAssignment.platform, DbWorker.external_id, DbAssignment.external_id)
        .join(DbWorker, DbWorker.id == DbAssignment.worker_id)
        .where(DbAssignment.state.in_(PAYABLE), DbAssignment.is_known.is_(True))
        .order_by(case((DbAssignment.state == "approved", 1), else_=0), DbAssignment.id)
    )
    for account_id, platform, worker, assignment in rows:
        found[account_id] = PayAddress(platform, worker, assignment)
    return found


def has_payable(session: Session, account_id: int) -> bool:
    """Whether somebody has an assignment against which their platform pays."""
    query = select(DbAssignment.id).where(
        DbAssignment.account_id == account_id,
        DbAssignment.state.in_(PAYABLE),
        DbAssignment.is_known.is_(True),
    )
    return session.scalar(query.limit(1)) is not None


def find_worker(session: Session, platform: str, external_id: str) -> DbWorker | None:
    """Somebody by their platform's id."""
    return session.scalar(
        select(DbWorker).where(DbWorker.platform == platform, DbWorker.external_id == external_id)
    )


def find_assignment(session: Session, platform: str, external_id: str, worker_id: int) -> DbAssignment | None:
    """What a worker took, by the platform's id, locked."""
    return session.scalar(
        select(DbAssignment)
        .where(
            DbAssignment.platform == platform,
            DbAssignment.external_id == external_id,
            DbAssignment.worker_id == worker_id,
        )
        .with_for_update(of=DbAssignment)
        .execution_options(populate_existing=True)
    )


def get_assignment(session: Session, assignment_id: int, *, lock: bool = False) -> DbAssignment:
    """An assignment that is known to be there."""
    query = select(DbAssignment).where(DbAssignment.id == assignment_id)
    if lock:
        query = query.with_for_update(of=DbAssignment).execution_options(populate_existing=True)
    return session.scalars(query).one()


def count_pieces(session: Session, assignment_ids: Sequence[int]) -> dict[int, int]:
    """How much was done for each assignment."""
    found = dict.fromkeys(assignment_ids, 0)
    rows = session.execute(
        select(DbPiece.assignment_id, func.count())
        .where(DbPiece.assignment_id.in_(assignment_ids))
        .group_by(DbPiece.assignment_id)
    )
    return found | {row[0]: row[1] for row in rows}


def uncounted(session: Session, assignment: DbAssignment, most: int) -> list[int]:
    """What the assignment's account did for its work since it arrived, and that counts for no assignment yet: ids, oldest first."""
    kind = assignment.work.kind
    query = _submitted(assignment) if kind == "play" else _judged(assignment)
    return list(session.scalars(query.limit(max(most, 0))))


def _submitted(assignment: DbAssignment) -> Select[Any]:
    return (
        select(DbSubmission.id)
        .where(
            DbSubmission.player_id == assignment.account_id,
            DbSubmission.challenge_id == assignment.work.challenge_id,
            DbSubmission.committed_at >= assignment.arrived_at,
            ~_counted("play", DbSubmission.id),
        )
        .order_by(DbSubmission.id)
    )


def _judged(assignment: DbAssignment) -> Select[Any]:
    return (
        select(DbJudgement.id)
        .join(DbReviewItem, DbReviewItem.id == DbJudgement.item_id)
        .where(
            DbJudgement.judge_id == assignment.account_id,
            DbJudgement.judged_at >= assignment.arrived_at,
            DbReviewItem.topic == assignment.work.challenge.topic,
            ~_counted("judge", DbJudgement.id),
        )
        .order_by(DbJudgement.id)
    )


def _counted(kind: str, ref: Any) -> ColumnElement[bool]:
    return exists().where(DbPiece.kind == kind, DbPiece.ref_id == ref)


def find_work_session(session: Session, token_hash: str) -> DbWorkSession | None:
    """A browser at an assignment."""
    return session.scalar(select(DbWorkSession).where(DbWorkSession.token_hash == token_hash))


def forget_work_sessions(session: Session, before: datetime) -> None:
    """Delete browsers that came before a moment."""
    session.execute(delete(DbWorkSession).where(DbWorkSession.created_at < before))


def qualification_of(session: Session, platform: str, topic: str) -> str:
    """A topic's qualification type on a platform, or an empty string."""
    found = session.scalar(
        select(DbTopicQualification.external_id).where(
            DbTopicQualification.platform == platform, DbTopicQualification.topic == topic
        )
    )
    return found or ""


def to_grant(session: Session, platform: str, most: int) -> list[tuple[int, str, str, str]]:
    """Workers who passed a topic's test and were not given its qualification yet: (worker's row, their platform id, topic, type)."""
    passed = (
        exists()
        .where(DbQualification.account_id == DbWorker.account_id, DbQualification.passed)
        .where(
            DbQualification.challenge_id == DbChallenge.id, DbChallenge.topic == DbTopicQualification.topic
        )
    )
    given = exists().where(DbGrant.worker_id == DbWorker.id, DbGrant.topic == DbTopicQualification.topic)
    rows = session.execute(
        select(
            DbWorker.id, DbWorker.external_id, DbTopicQualification.topic, DbTopicQualification.external_id
        )
        .join(DbTopicQualification, DbTopicQualification.platform == DbWorker.platform)
        .where(DbWorker.platform == platform, passed, ~given)
        .order_by(DbWorker.id)
        .limit(most)
    )
    return [(row[0], row[1], row[2], row[3]) for row in rows]


def link_worker(session: Session, worker_id: int, account_id: int) -> None:
    """From now on a platform's worker is another account."""
    session.execute(update(DbWorker).where(DbWorker.id == worker_id).values(account_id=account_id))
