"""Queries about invites."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from btm.store.tables import DbInvite, DbInviteUse


def find_invite(session: Session, code: str, *, lock: bool = False) -> DbInvite | None:
    """The invite with this code."""
    query = select(DbInvite).where(DbInvite.code == code)
    if lock:
        query = query.with_for_update(of=DbInvite).execution_options(populate_existing=True)
    return session.scalar(query)


def invites_of(session: Session, challenge_id: int) -> list[DbInvite]:
    """A challenge's invites, newest first."""
    return list(
        session.scalars(
            select(DbInvite).where(DbInvite.challenge_id == challenge_id).order_by(DbInvite.id.desc())
        )
    )


def uses(session: Session, invite_ids: Sequence[int]) -> dict[int, int]:
    """How many people came by each invite."""
    found = dict.fromkeys(invite_ids, 0)
    rows = session.execute(
        select(DbInviteUse.invite_id, func.count())
        .where(DbInviteUse.invite_id.in_(invite_ids))
        .group_by(DbInviteUse.invite_id)
    )
    return found | {row[0]: row[1] for row in rows}


def has_used(session: Session, invite_id: int, account_id: int) -> bool:
    """Whether somebody came by an invite."""
    return (
        session.scalar(
            select(DbInviteUse.id).where(
                DbInviteUse.invite_id == invite_id, DbInviteUse.account_id == account_id
            )
        )
        is not None
    )
