"""Queries about audits. What an audit found is read in btm.store.corpus_figures."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from btm.store.tables import DbAudit, DbAuditPage


def audits_of(session: Session, challenge_id: int) -> list[DbAudit]:
    """The audits of a challenge, newest first, with their machines."""
    return list(
        session.scalars(
            select(DbAudit)
            .where(DbAudit.challenge_id == challenge_id)
            .options(joinedload(DbAudit.machine))
            .order_by(DbAudit.id.desc())
        )
    )


def find_audit(session: Session, challenge_id: int, public_id: str) -> DbAudit | None:
    """The audit of a challenge with this public id."""
    return session.scalar(
        select(DbAudit)
        .where(DbAudit.challenge_id == challenge_id, DbAudit.public_id == public_id)
        .options(joinedload(DbAudit.machine))
    )


def count_pages(session: Session, audit_id: int) -> int:
    """How many pages an audit drew."""
    return int(
        session.scalar(select(func.count(DbAuditPage.id)).where(DbAuditPage.audit_id == audit_id)) or 0
    )
