"""Who asks for a page to judge, and by what rules: read at every request, so in few statements, each of them built once."""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import Integer, Select, String, and_, bindparam, exists, select
from sqlalchemy.orm import Session, aliased

from btm.store.tables import DbAccount, DbChallenge, DbJudge, DbJury, DbQualification

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


@cache
def _judged_with() -> Select[Any]:
    named = aliased(DbChallenge)
    topic = select(named.topic).where(named.slug == bindparam("slug", type_=String)).scalar_subquery()
    return select(DbChallenge).where(DbChallenge.topic == topic, DbChallenge.state != "draft")


@cache
def _seat() -> Select[Any]:
    passed = exists().where(
        DbQualification.challenge_id == DbChallenge.id,
        DbQualification.account_id == ASKING,
        DbQualification.passed,
        DbChallenge.topic == TOPIC,
    )
    return select(passed).select_from(DbAccount).where(DbAccount.id == ASKING).with_for_update(key_share=True)


@cache
def _jury_and_judge() -> Any:
    same = and_(DbJudge.topic == DbJury.topic, DbJudge.account_id == ASKING)
    return select(DbJury, DbJudge).outerjoin(DbJudge, same).where(DbJury.topic == TOPIC)
