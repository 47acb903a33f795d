"""Queries about accounts, sessions, roles and qualifications."""

from __future__ import annotations

from datetime import datetime
from functools import cache

from sqlalchemy import Integer, ScalarSelect, Select, bindparam, delete, exists, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from btm.store.tables import (
    DbAccount,
    DbChallenge,
    DbFingerprint,
    DbQualification,
    DbReviewItem,
    DbRole,
    DbSession,
    DbSubmission,
)


def find_account(session: Session, account_id: int) -> DbAccount | None:
    """The account with this id."""
    return session.get(DbAccount, account_id)


def lock_account(session: Session, account_id: int) -> None:
    """Hold the account until the transaction ends: what one person does in two windows at once happens one after the other."""
    session.execute(select(DbAccount.id).where(DbAccount.id == account_id).with_for_update(key_share=True))


def find_by_handle(session: Session, handle_key: str) -> DbAccount | None:
    """The account with this folded handle."""
    return session.scalar(select(DbAccount).where(DbAccount.handle_key == handle_key))


def find_session(session: Session, token_hash: str, now: datetime) -> DbSession | None:
    """The living session behind a token's hash."""
    return session.scalar(
        select(DbSession).where(DbSession.token_hash == token_hash, DbSession.expires_at > now)
    )


def sessions_of(session: Session, account_id: int, now: datetime) -> list[DbSession]:
    """Living sessions, the latest used first."""
    return list(
        session.scalars(
            select(DbSession)
            .where(DbSession.account_id == account_id, DbSession.expires_at > now)
            .order_by(DbSession.seen_at.desc())
        )
    )


def end_sessions(session: Session, account_id: int, *, only: int | None = None, but_hash: str = "") -> int:
    """Delete sessions of an account: one by id, or all but the one with this token hash. Returns how many."""
    query = delete(DbSession).where(DbSession.account_id == account_id, DbSession.token_hash != but_hash)
    if only is not None:
        query = query.where(DbSession.id == only)
    return session.execute(query).rowcount  # type: ignore[attr-defined,no-any-return]


def end_session(session: Session, token_hash: str) -> None:
    """Delete the session behind a token's hash."""
    session.execute(delete(DbSession).where(DbSession.token_hash == token_hash))


def forget_stale_sessions(session: Session, now: datetime) -> None:
    """Delete sessions that ran out."""
    session.execute(delete(DbSession).where(DbSession.expires_at <= now))


def roles_of(session: Session, account_id: int) -> set[tuple[str, str]]:
    """Roles as (role, scope); the scope is a challenge's slug, or empty for all."""
    rows = session.execute(select(DbRole.role, DbRole.scope).where(DbRole.account_id == account_id))
    return {(role, scope) for role, scope in rows}


def any_admin(session: Session) -> bool:
    """Whether there is an admin yet."""
    return bool(session.scalar(select(exists().where(DbRole.role == "admin"))))


def _same_topic(challenge_id: int) -> ScalarSelect[str]:
    """The topic of a challenge: its test is good for all challenges that are judged together."""
    return select(DbChallenge.topic).where(DbChallenge.id == challenge_id).scalar_subquery()


def is_qualified(session: Session, account_id: int, challenge_id: int) -> bool:
    """Whether the person passed the test of this challenge, or of another one of its topic."""
    return bool(session.scalar(_is_qualified(), {"account": account_id, "challenge": challenge_id}))


def qualified_topics(session: Session, account_id: int) -> set[str]:
    """The topics of which the person passed a test."""
    return set(
        session.scalars(
            select(DbChallenge.topic)
            .join(DbQualification, DbQualification.challenge_id == DbChallenge.id)
            .where(DbQualification.account_id == account_id, DbQualification.passed)
        )
    )


def last_failure(session: Session, account_id: int, challenge_id: int) -> datetime | None:
    """When the person last failed the test of this challenge, or of another one of its topic."""
    return session.scalar(
        select(DbQualification.taken_at)
        .join(DbChallenge, DbChallenge.id == DbQualification.challenge_id)
        .where(
            DbQualification.account_id == account_id,
            DbChallenge.topic == _same_topic(challenge_id),
            DbQualification.passed.is_(False),
        )
        .order_by(DbQualification.taken_at.desc())
        .limit(1)
    )


def move_submissions(
    session: Session, from_id: int, to_id: int, *, keep: frozenset[int] = frozenset()
) -> None:
    """Hand a visitor's submissions, and what is to be judged of them, to the account that the visitor logged in to, except those
    whose ids are in `keep`."""
    moved = DbSubmission.player_id == from_id, DbSubmission.id.not_in(keep)
    theirs = DbReviewItem.submission_id.in_(select(DbSubmission.id).where(*moved))
    session.execute(
        update(DbReviewItem)
        .where(theirs)
        .values(author_id=to_id)
        .execution_options(synchronize_session=False)
    )
    session.execute(update(DbSubmission).where(*moved).values(player_id=to_id))


def clashing_submissions(
    session: Session, from_id: int, to_id: int, states: tuple[str, ...]
) -> frozenset[int]:
    """Submissions on their way of `from_id` for which `to_id` has one on its way of the same page and challenge."""
    mine, theirs = DbSubmission.__table__.alias("mine"), DbSubmission.__table__.alias("theirs")
    return frozenset(
        session.scalars(
            select(mine.c.id).where(
                mine.c.player_id == from_id,
                mine.c.state.in_(states),
                exists().where(
                    theirs.c.player_id == to_id,
                    theirs.c.state.in_(states),
                    theirs.c.challenge_id == mine.c.challenge_id,
                    theirs.c.canonical_url == mine.c.canonical_url,
                ),
            )
        )
    )


def name_account(session: Session, account_id: int, handle: str, key: str, password_hash: str) -> bool:
    """Give a visitor a name and a password. False where the name is taken, or the visitor has one already: the unique
    constraint decides."""
    try:
        with session.begin_nested():
            done = session.execute(
                update(DbAccount)
                .where(DbAccount.id == account_id, DbAccount.handle_key.is_(None))
                .values(handle=handle, handle_key=key, password_hash=password_hash)
            )
    except IntegrityError:
        return False
    return bool(done.rowcount)  # type: ignore[attr-defined]


def set_password(session: Session, account_id: int, password_hash: str) -> None:
    """Replace a password's hash."""
    session.execute(update(DbAccount).where(DbAccount.id == account_id).values(password_hash=password_hash))


def see_fingerprint(session: Session, account_id: int, value: str, now: datetime) -> None:
    """Note when a fingerprint of an account was seen last."""
    session.execute(
        update(DbFingerprint)
        .where(DbFingerprint.account_id == account_id, DbFingerprint.value == value)
        .values(seen_at=now)
    )


def forget_fingerprints(session: Session, before: datetime) -> None:
    """Delete fingerprints that were seen last before a moment."""
    session.execute(delete(DbFingerprint).where(DbFingerprint.seen_at < before))


@cache
def _is_qualified() -> Select[bool]:
    """Asked with every answer: built once."""
    topic = select(DbChallenge.topic).where(DbChallenge.id == bindparam("challenge", type_=Integer))
    passed = exists().where(
        DbQualification.challenge_id == DbChallenge.id,
        DbQualification.account_id == bindparam("account", type_=Integer),
        DbChallenge.topic == topic.scalar_subquery(),
        DbQualification.passed,
    )
    return select(passed)
