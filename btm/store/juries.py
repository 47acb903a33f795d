"""Queries about those who judge a topic, and the lock under which what is known of them is replaced as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, Integer, Select, String, bindparam, func, literal, select
from sqlalchemy.orm import Session

from btm.store.tables import DbJudge, DbJury, DbReviewItem, DbStandingChange
from btm.store.transaction import insert_once


def share(session: Session, topic: str) -> None:
    """As `share_of_item`, of a topic that is known."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock_shared(_key_of(bindparam("topic", topic, String)))))


def share_of_item(session: Session, public_id: str) -> None:
    """Judge the topic of a review item together with others: until the transaction ends nobody replaces what is known of its judges.

    Taken before any row is locked. On SQLite a writing transaction is alone anyway.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(_share_of_item(), {"public_id": public_id})


def hold(session: Session, topic: str) -> None:
    """Be alone with a topic's judges until the transaction ends. Taken before any row is locked."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(_key_of(bindparam("topic", topic, String)))))


def get_jury(session: Session, topic: str, labels: Sequence[str]) -> DbJury:
    """The topic's jury; a new one believes every label equally likely."""
    found = find_jury(session, topic)
    if found is None:
        values = {
            "topic": topic, "labels": list(labels), "priors": [1 / len(labels)] * len(labels), "pace": [0.0, 1.0, 0],
            "version": 0, "fitted_to": 0,
        }  # fmt: skip
        insert_once(session, DbJury, values)
        found = session.execute(select(DbJury).where(DbJury.topic == topic)).scalar_one()
    return found


def jury_and_held_judge(session: Session, topic: str, account_id: int) -> tuple[DbJury, DbJudge] | None:
    """The topic's jury and the person as a judge of it, locked until the transaction ends; None before their first answer."""
    row = session.execute(_jury_and_held_judge(), {"in_topic": topic, "account": account_id}).first()
    return (row[0], row[1]) if row is not None else None


def find_jury(session: Session, topic: str) -> DbJury | None:
    """The topic's jury, if anybody ever judged it."""
    return session.scalar(_jury(), {"in_topic": topic})


def get_judge(session: Session, jury: DbJury, account_id: int, now: datetime) -> DbJudge:
    """The person as a judge of the topic, locked until the transaction ends; a new one has been seen doing nothing."""
    asked = {"in_topic": jury.topic, "account": account_id}
    found = session.scalar(_held_judge(), asked)
    if found is None:
        zeros = np.zeros((len(jury.labels), len(jury.labels))).tolist()
        values = {
            "topic": jury.topic,
            "account_id": account_id,
            "counts": zeros,
            "state": "active",
            "since": now,
        }
        insert_once(session, DbJudge, values)
        found = session.execute(_held_judge(), asked).scalar_one()
    return found


def find_judge(session: Session, topic: str, account_id: int) -> DbJudge | None:
    """The person as a judge of the topic, if they ever judged it."""
    return session.scalar(_judge(), {"in_topic": topic, "account": account_id})


def judges_of(session: Session, topic: str, account_ids: Sequence[int]) -> dict[int, DbJudge]:
    """Judges of a topic by account."""
    rows = session.scalars(
        select(DbJudge).where(DbJudge.topic == topic, DbJudge.account_id.in_(list(account_ids)))
    )
    return {row.account_id: row for row in rows}


def last_change(session: Session, judge_id: int) -> DbStandingChange | None:
    """The latest change of a judge's standing."""
    return session.scalar(
        select(DbStandingChange)
        .where(DbStandingChange.judge_id == judge_id)
        .order_by(DbStandingChange.id.desc())
        .limit(1)
    )


def changes_to_do(session: Session, limit: int) -> list[int]:
    """Changes of standing whose judgements were not withdrawn or restored yet, oldest first."""
    return list(
        session.scalars(
            select(DbStandingChange.id)
            .where(DbStandingChange.is_done.is_(False))
            .order_by(DbStandingChange.id)
            .limit(limit)
        )
    )


@cache
def _jury() -> Select[DbJury]:
    """This and the next are asked with every answer: built once."""
    return select(DbJury).where(DbJury.topic == bindparam("in_topic", type_=String))


@cache
def _share_of_item() -> Select[Any]:
    share = func.pg_advisory_xact_lock_shared(_key_of(DbReviewItem.topic))
    return select(share).where(DbReviewItem.public_id == bindparam("public_id", type_=String))


def _key_of(topic: Any) -> ColumnElement[int]:
    """The number of the lock on a topic's judges."""
    return func.hashtextextended(literal("jury:", String) + topic, 0)


@cache
def _jury_and_held_judge() -> Any:
    topic, account = bindparam("in_topic", type_=String), bindparam("account", type_=Integer)
    return (
        select(DbJury, DbJudge)
        .join(DbJudge, DbJudge.topic == DbJury.topic)
        .where(DbJury.topic == topic, DbJudge.account_id == account)
        .with_for_update(of=DbJudge, key_share=True)
    )


@cache
def _judge() -> Select[DbJudge]:
    topic, account = bindparam("in_topic", type_=String), bindparam("account", type_=Integer)
    return select(DbJudge).where(DbJudge.topic == topic, DbJudge.account_id == account)


@cache
def _held_judge() -> Select[DbJudge]:
    return _judge().with_for_update(of=DbJudge, key_share=True)
