"""Queries about those who judge a topic, and the lock under which what is known of them is replaced as a whole."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from functools import cache

import numpy as np
from sqlalchemy import Integer, Select, String, bindparam, select, text
from sqlalchemy.orm import Session

from btm.store.tables import DbJudge, DbJury, DbStandingChange
from btm.store.transaction import insert_once


def share(session: Session, topic: str) -> None:
    """Judge a topic together with others: until the transaction ends nobody replaces what is known of its judges.

    Taken before any row is locked. On SQLite a writing transaction is alone anyway.
    """
    _lock(session, topic, "pg_advisory_xact_lock_shared")


def hold(session: Session, topic: str) -> None:
    """Be alone with a topic's judges until the transaction ends. Taken before any row is locked."""
    _lock(session, topic, "pg_advisory_xact_lock")


def _lock(session: Session, topic: str, function: str) -> None:
    if session.get_bind().dialect.name == "postgresql":
        digest = hashlib.blake2b(f"jury:{topic}".encode(), digest_size=8).digest()
        session.execute(text(f"SELECT {function}(:key)"), {"key": int.from_bytes(digest, "big", signed=True)})


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
def _judge() -> Select[DbJudge]:
    topic, account = bindparam("in_topic", type_=String), bindparam("account", type_=Integer)
    return select(DbJudge).where(DbJudge.topic == topic, DbJudge.account_id == account)


@cache
def _held_judge() -> Select[DbJudge]:
    return _judge().with_for_update(of=DbJudge, key_share=True)
