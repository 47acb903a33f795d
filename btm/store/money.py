"""Queries about the ledger. Every total is a sum of its rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, cast

from sqlalchemy import Integer, Select, Table, bindparam, case, distinct, func, select
from sqlalchemy.orm import Session

from btm.rules.money import Entry
from btm.store.checkpoints import free_budget as free_budget
from btm.store.checkpoints import pots as pots
from btm.store.checkpoints import spent as spent
from btm.store.costly import costly
from btm.store.database import UtcDateTime
from btm.store.tables import DbAccount, DbChallenge, DbEntry, DbOutcome, DbQuote, DbSubmission
from btm.store.transaction import insert_once

ENTRY, CHALLENGE = cast(Table, DbEntry.__table__), cast(Table, DbChallenge.__table__)


def post(
    session: Session,
    entry: Entry,
    *,
    challenge_id: int,
    at: datetime,
    account_id: int | None = None,
    submission_id: int | None = None,
) -> bool:
    """Write a ledger entry, once for its key. Returns whether it was new; an entry that moves nothing is not written."""
    if not (entry.budget or entry.escrow or entry.worker):
        return False
    values = {
        "key": entry.key, "kind": entry.kind, "budget": entry.budget, "escrow": entry.escrow, "worker": entry.worker,
        "reason": entry.reason, "challenge_id": challenge_id, "account_id": account_id,
        "submission_id": submission_id, "at": at,
    }  # fmt: skip
    return insert_once(session, DbEntry, values) is not None


def balance(session: Session, account_id: int) -> int:
    """A worker's points: earned less paid out."""
    return int(
        session.scalar(
            select(func.coalesce(func.sum(DbEntry.worker), 0)).where(DbEntry.account_id == account_id)
        )
        or 0
    )


def hold_budget(session: Session, challenge_id: int) -> bool:
    """Lock the challenge until the transaction ends, so that nobody else promises its budget meanwhile. Returns whether anybody
    could have: what was read before has to be read again then. On SQLite a writing transaction is alone anyway."""
    if session.get_bind().dialect.name == "sqlite":
        return False
    session.execute(_hold(), {"challenge": challenge_id})
    return True


def escrow_of(session: Session, submission_id: int) -> int:
    """What is still promised to a submission and its judges."""
    return int(
        session.scalar(
            select(func.coalesce(func.sum(DbEntry.escrow), 0)).where(DbEntry.submission_id == submission_id)
        )
        or 0
    )


def times_reserved(session: Session, submission_id: int) -> int:
    """How often points were promised to a submission and its judges."""
    return int(
        session.scalar(
            select(func.count())
            .select_from(DbEntry)
            .where(DbEntry.submission_id == submission_id, DbEntry.kind == "reserve")
        )
        or 0
    )


def base_paid_since(session: Session, account_id: int, since: datetime, but: int) -> int:
    """Base pay that somebody had since a moment, for other submissions than this one."""
    return int(
        session.scalar(
            select(func.coalesce(func.sum(DbEntry.worker), 0)).where(
                DbEntry.account_id == account_id,
                DbEntry.kind == "base",
                DbEntry.at >= since,
                DbEntry.submission_id != but,
            )
        )
        or 0
    )


def judged_since(
    session: Session, account_id: int, challenge_ids: Sequence[int], since: datetime
) -> tuple[int, int]:
    """How many judgements somebody was paid for in some challenges since a moment, and the points for them."""
    asked = {"account": account_id, "challenges": list(challenge_ids), "since": since}
    row = session.execute(_judged_since(), asked).one()
    return int(row[0]), int(row[1])


@cache
def _judged_since() -> Select[Any]:
    return select(func.count(), func.coalesce(func.sum(ENTRY.c.worker), 0)).where(
        ENTRY.c.account_id == bindparam("account", type_=Integer),
        ENTRY.c.challenge_id.in_(bindparam("challenges", expanding=True)),
        ENTRY.c.kind == "judging",
        ENTRY.c.at >= bindparam("since", type_=UtcDateTime),
    )


@cache
def _hold() -> Select[Any]:
    one = select(CHALLENGE.c.id).where(CHALLENGE.c.id == bindparam("challenge", type_=Integer))
    return one.with_for_update(key_share=True)


@dataclass(frozen=True, slots=True)
class Sums:
    """What somebody has in one challenge: its rules, what they earned, what of it was paid out, and how often they were paid for
    judging."""

    rules: dict[str, Any]
    earned: int
    paid: int
    judgements: int


def sums_by_challenge(session: Session, account_id: int) -> list[Sums]:
    """What somebody has in each challenge in which they ever had points."""
    of_each = (
        select(
            ENTRY.c.challenge_id,
            func.sum(case((ENTRY.c.kind != "payout", ENTRY.c.worker), else_=0)).label("earned"),
            func.sum(case((ENTRY.c.kind == "payout", -ENTRY.c.worker), else_=0)).label("paid"),
            func.sum(case((ENTRY.c.kind == "judging", 1), else_=0)).label("judgements"),
        )
        .where(ENTRY.c.account_id == account_id)
        .group_by(ENTRY.c.challenge_id)
        .subquery()
    )
    rows = session.execute(
        select(DbChallenge.rules, of_each.c.earned, of_each.c.paid, of_each.c.judgements).join(
            of_each, of_each.c.challenge_id == DbChallenge.id
        )
    )
    return [Sums(rules, int(earned), int(paid), int(times)) for rules, earned, paid, times in rows]


def waiting_by_challenge(session: Session, account_id: int) -> list[tuple[dict[str, Any], int]]:
    """What is promised to somebody's submissions that no verdict ended yet: for each challenge its rules, and the points."""
    rows = session.execute(
        select(DbChallenge.rules, func.sum(DbQuote.points))
        .join(DbSubmission, DbSubmission.id == DbQuote.submission_id)
        .join(DbChallenge, DbChallenge.id == DbSubmission.challenge_id)
        .where(
            DbSubmission.player_id == account_id,
            DbSubmission.state.in_(("in_review", "undecided")),
            DbSubmission.settled_at.is_(None),
        )
        .group_by(DbChallenge.id)
    )
    return [(rules, int(points)) for rules, points in rows]


def waiting(session: Session, account_id: int) -> int:
    """What is promised to somebody's submissions that no verdict ended yet, in all."""
    return sum(points for _, points in waiting_by_challenge(session, account_id))


def lines(session: Session, account_id: int, before: int | None, limit: int) -> Sequence[Any]:
    """Ledger entries of somebody, newest first: (entry, challenge slug, challenge title, its rules, submission public id)."""
    query = (
        select(DbEntry, DbChallenge.slug, DbChallenge.title, DbChallenge.rules, DbSubmission.public_id)
        .join(DbChallenge, DbChallenge.id == DbEntry.challenge_id)
        .outerjoin(
            DbSubmission, (DbSubmission.id == DbEntry.submission_id) & (DbSubmission.player_id == account_id)
        )
        .where(DbEntry.account_id == account_id)
        .order_by(DbEntry.id.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(DbEntry.id < before)
    return session.execute(query).all()


@costly
def leaders(
    session: Session, challenge_id: int | None, since: datetime | None, limit: int
) -> list[tuple[int, str, int, int]]:
    """Those who earned most by finds: (account id, handle, points, finds), best first; ties by who came first.

    All that a page brought its player counts while it stands as found: what was paid for it before it was taken up again, and what
    was taken back then.
    """
    earned = func.sum(DbEntry.worker)
    finds = func.count(distinct(DbOutcome.id))
    query = (
        select(DbEntry.account_id, DbAccount.handle, earned, finds)
        .join(DbAccount, DbAccount.id == DbEntry.account_id)
        .join(DbSubmission, DbSubmission.id == DbEntry.submission_id)
        .outerjoin(DbOutcome, (DbOutcome.submission_id == DbEntry.submission_id) & DbOutcome.is_error)
        .where(
            DbEntry.kind.in_(("bonus", "base", "deadline", "reversal")),
            DbSubmission.state.in_(("confirmed", "undecided")),
            DbAccount.handle.is_not(None),
        )
        .group_by(DbEntry.account_id, DbAccount.handle)
        .having(earned > 0)
        .order_by(earned.desc(), func.min(DbEntry.id))
        .limit(limit)
    )
    if challenge_id is not None:
        query = query.where(DbEntry.challenge_id == challenge_id)
    if since is not None:
        query = query.where(DbEntry.at >= since)
    return [(int(a or 0), str(h), int(p), int(f)) for a, h, p, f in session.execute(query)]


def paid_for(session: Session, submission_ids: Sequence[int]) -> dict[int, int]:
    """What each submission brought its player, in points (pay for judging it went to others)."""
    rows = session.execute(
        select(DbEntry.submission_id, func.sum(DbEntry.worker))
        .where(DbEntry.submission_id.in_(list(submission_ids)), DbEntry.kind != "judging")
        .group_by(DbEntry.submission_id)
    )
    return {submission_id: int(points) for submission_id, points in rows if submission_id is not None}
