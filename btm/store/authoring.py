"""Queries about challenges as their modelers write them: drafts, topics, edits."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session, selectinload

from btm.store.tables import (
    DbAccount,
    DbAct,
    DbChallenge,
    DbJury,
    DbReviewItem,
    DbRole,
    DbSubmission,
)


def lock_alone(session: Session, slug: str) -> DbChallenge | None:
    """The challenge, locked until the transaction ends so that nobody even hands in a page for it meanwhile: whoever changes what
    pages are compared with must not be overtaken by one."""
    return session.scalar(
        select(DbChallenge)
        .where(DbChallenge.slug == slug)
        .options(selectinload(DbChallenge.machine))
        .with_for_update(of=DbChallenge)
        .execution_options(populate_existing=True)
    )


def has_work(session: Session, challenge_id: int) -> bool:
    """Whether a page was ever handed in to a challenge, or put up for review."""
    handed_in = exists().where(DbSubmission.challenge_id == challenge_id)
    put_up = exists().where(DbReviewItem.challenge_id == challenge_id)
    return bool(session.scalar(select(handed_in | put_up)))


def is_taken(session: Session, slug: str) -> bool:
    """Whether there is a challenge of this name."""
    return bool(session.scalar(select(exists().where(DbChallenge.slug == slug))))


def every_challenge(session: Session) -> list[DbChallenge]:
    """All challenges, drafts and archived ones included, oldest first."""
    return list(session.scalars(select(DbChallenge).order_by(DbChallenge.id)))


def topic_mates(session: Session, topic: str, but: int) -> list[DbChallenge]:
    """The other challenges of a topic that are no drafts."""
    query = select(DbChallenge).where(
        DbChallenge.topic == topic, DbChallenge.id != but, DbChallenge.state != "draft"
    )
    return list(session.scalars(query.order_by(DbChallenge.id)))


def judged_labels(session: Session, topic: str) -> list[str] | None:
    """The labels under which a topic was judged; None where nobody judged it."""
    found = session.scalar(select(DbJury.labels).where(DbJury.topic == topic))
    return list(found) if found is not None else None


def move_roles(session: Session, old: str, new: str) -> None:
    """Whoever models a challenge goes on to do so under its new name."""
    session.execute(update(DbRole).where(DbRole.scope == old).values(scope=new))


def last_act(session: Session, subject: str, verbs: Sequence[str]) -> tuple[DbAct, str | None] | None:
    """The latest of some acts on a subject, with the name of who did it."""
    row = session.execute(
        select(DbAct, DbAccount.handle)
        .outerjoin(DbAccount, DbAccount.id == DbAct.actor_id)
        .where(DbAct.subject == subject, DbAct.verb.in_(list(verbs)))
        .order_by(DbAct.id.desc())
        .limit(1)
    ).first()
    return (row[0], row[1]) if row is not None else None
