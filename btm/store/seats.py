"""Who asks for a page to judge, or answers, and by what rules: read at every request, so in few statements, each of them built once."""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Integer, Select, String, and_, bindparam, exists, select
from sqlalchemy.orm import Session, aliased

from btm.store.tables import (
    DbAccount,
    DbChallenge,
    DbFingerprint,
    DbJudge,
    DbJudgement,
    DbJury,
    DbQualification,
    DbReviewItem,
)

ASKING, TOPIC = bindparam("asking", type_=Integer), bindparam("in_topic", type_=String)


def judged_with(session: Session, slug: str) -> list[DbChallenge]:
    """The challenge of this slug and all others of its topic; none where there is no such challenge."""
    return list(session.scalars(_judged_with(), {"slug": slug}))


def take_seat(session: Session, topic: str, account_id: int) -> bool:
    """Whether the person passed the test of any of the topic's challenges. Their account is held until the transaction ends: what
    one person does in two windows at once happens one after the other."""
    return bool(session.scalar(_seat(), {"asking": account_id, "in_topic": topic}))


def jury_and_judge(session: Session, topic: str, account_id: int) -> tuple[DbJury | None, DbJudge | None]:
    """What is known of a topic's judges, and of this one, if anything is."""
    row = session.execute(_jury_and_judge(), {"asking": account_id, "in_topic": topic}).first()
    return (row[0], row[1]) if row is not None else (None, None)


class Answering(NamedTuple):
    """How somebody stands to an item: whether they answered it, passed the test of its topic, and were used from one network
    with one browser with its author."""

    has_answered: bool
    is_qualified: bool
    is_linked: bool


def answering(session: Session, item: DbReviewItem, account_id: int) -> Answering:
    """How somebody stands to an item. Asked once it is locked, so that no answer of theirs is on its way."""
    asked = {"asking": account_id, "in_topic": item.topic, "item": item.id, "author": item.author_id}
    return Answering(*map(bool, session.execute(_answering(), asked).one()))


@cache
def _answering() -> Select[Any]:
    mine, theirs = aliased(DbFingerprint), aliased(DbFingerprint)
    answered = exists().where(
        DbJudgement.item_id == bindparam("item", type_=Integer), DbJudgement.judge_id == ASKING
    )
    linked = exists().where(
        mine.account_id == ASKING,
        theirs.value == mine.value,
        theirs.account_id == bindparam("author", type_=Integer),
    )
    return select(answered, _passed(), linked)


@cache
def _judged_with() -> Select[Any]:
    named = aliased(DbChallenge)
    topic = select(named.topic).where(named.slug == bindparam("slug", type_=String)).scalar_subquery()
    return select(DbChallenge).where(DbChallenge.topic == topic, DbChallenge.state != "draft")


@cache
def _seat() -> Select[Any]:
    return (
        select(_passed()).select_from(DbAccount).where(DbAccount.id == ASKING).with_for_update(key_share=True)
    )


def _passed() -> Any:
    """Whether who asks passed the test of any challenge of the topic."""
    return exists().where(
        DbQualification.challenge_id == DbChallenge.id,
        DbQualification.account_id == ASKING,
        DbQualification.passed,
        DbChallenge.topic == TOPIC,
    )


@cache
def _jury_and_judge() -> Any:
    same = and_(DbJudge.topic == DbJury.topic, DbJudge.account_id == ASKING)
    return select(DbJury, DbJudge).outerjoin(DbJudge, same).where(DbJury.topic == TOPIC)
