"""Queries about personal tokens."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from btm.store.tables import DbAccount, DbRole, DbToken


def find_bearer(
    session: Session, token_hash: str, now: datetime
) -> tuple[DbToken, DbAccount, frozenset[str]] | None:
    """The living token behind a hash, whose it is, and their roles."""
    rows = session.execute(
        select(DbToken, DbAccount, DbRole.role)
        .join(DbAccount, DbAccount.id == DbToken.account_id)
        .outerjoin(DbRole, DbRole.account_id == DbAccount.id)
        .where(DbToken.token_hash == token_hash, DbToken.expires_at > now)
    ).all()
    if not rows:
        return None
    return rows[0][0], rows[0][1], frozenset(role for _, _, role in rows if role is not None)


def touch(session: Session, token_id: int, now: datetime) -> None:
    """Note when a token was used last."""
    session.execute(update(DbToken).where(DbToken.id == token_id).values(seen_at=now))


def tokens_of(session: Session, account_id: int, now: datetime) -> list[DbToken]:
    """Living tokens, the latest made first."""
    query = select(DbToken).where(DbToken.account_id == account_id, DbToken.expires_at > now)
    return list(session.scalars(query.order_by(DbToken.id.desc())))


def count_tokens(session: Session, account_id: int, now: datetime) -> int:
    query = select(func.count()).where(DbToken.account_id == account_id, DbToken.expires_at > now)
    return session.scalar(query) or 0


def end_tokens(session: Session, account_id: int, only: int | None = None) -> int:
    """Delete tokens of an account, one or all. Returns how many."""
    query = delete(DbToken).where(DbToken.account_id == account_id)
    if only is not None:
        query = query.where(DbToken.id == only)
    return session.execute(query).rowcount  # type: ignore[attr-defined,no-any-return]


def forget_stale_tokens(session: Session, now: datetime) -> None:
    """Delete tokens that ran out."""
    session.execute(delete(DbToken).where(DbToken.expires_at <= now))
