"""What tells an operator how an instance does: beats of workers, the schema's version, and figures.

Every figure is read from an index or from the newest rows alone; sums over whole tables are kept for a while (btm.store.costly).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import case, delete, func, select, update
from sqlalchemy.orm import Session

from btm.rules.submissions import STATES
from btm.store.costly import costly
from btm.store.tables import DbBeat, DbEntry, DbJudge, DbOutcome, DbReviewItem, DbSubmission, DbTask
from btm.store.transaction import insert_once

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"
NEWEST = 1000
"""So many of the newest rows stand for "lately"."""
WAITING = ("queued", "fetching")


def beat(session: Session, name: str, *, started_at: datetime, now: datetime) -> None:
    """Say that a worker lives."""
    seen = session.execute(update(DbBeat).where(DbBeat.name == name).values(seen_at=now)).rowcount  # type: ignore[attr-defined]
    if not seen:
        insert_once(session, DbBeat, {"name": name, "started_at": started_at, "seen_at": now})


def forget_beats(session: Session, before: datetime) -> None:
    """Forget workers that were last seen before a moment."""
    session.execute(delete(DbBeat).where(DbBeat.seen_at < before))


def beats(session: Session, since: datetime) -> Sequence[DbBeat]:
    """Workers seen since a moment, the one seen last first."""
    return session.scalars(
        select(DbBeat).where(DbBeat.seen_at >= since).order_by(DbBeat.seen_at.desc())
    ).all()


def schema_versions(session: Session) -> tuple[str, str]:
    """The version that the database is at (empty: it has no tables), and the one that this code needs."""
    there = MigrationContext.configure(session.connection()).get_current_revision()
    return there or "", _head()


@cache
def _head() -> str:
    return ScriptDirectory(str(MIGRATIONS)).get_current_head() or ""


def waiting_pages(session: Session) -> tuple[int, datetime | None]:
    """How many submissions wait for a worker or are with one, and since when the oldest does."""
    found = session.execute(
        select(func.count(), func.min(DbSubmission.created_at)).where(DbSubmission.state.in_(WAITING))
    ).one()
    return int(found[0]), found[1]


def waiting_items(session: Session) -> tuple[int, int]:
    """How many pages wait for judges, and how many judged ones wait to be settled."""
    query = select(DbReviewItem.state, func.count()).where(DbReviewItem.state.in_(("open", "decided")))
    found = _counts(session.execute(query.group_by(DbReviewItem.state)))
    return found.get("open", 0), found.get("decided", 0)


def oldest_open_item(session: Session) -> datetime | None:
    """The deadline that comes first among pages that wait for judges."""
    return session.scalar(select(func.min(DbReviewItem.deadline_at)).where(DbReviewItem.state == "open"))


@costly
def count_states(session: Session) -> dict[str, int]:
    """How many submissions are in each state."""
    found = session.execute(select(DbSubmission.state, func.count()).group_by(DbSubmission.state))
    return {**dict.fromkeys(STATES, 0), **_counts(found)}


@costly
def sum_points(session: Session) -> dict[str, int]:
    """Points left in budgets, reserved in promises, earned by people ever, and paid out as money ever."""
    earned = case((DbEntry.kind == "payout", 0), else_=DbEntry.worker)
    paid = case((DbEntry.kind == "payout", -DbEntry.worker), else_=0)
    sums = session.execute(
        select(func.sum(DbEntry.budget), func.sum(DbEntry.escrow), func.sum(earned), func.sum(paid))
    ).one()
    return {
        name: int(each or 0)
        for name, each in zip(("left", "reserved", "earned", "paid_out"), sums, strict=True)
    }


def lately_fetched(session: Session) -> dict[str, int]:
    """How the newest submissions fared: "fetched", "under_way", "withdrawn", or why a page was refused."""
    newest = select(DbSubmission.state, DbSubmission.refusal).order_by(DbSubmission.id.desc()).limit(NEWEST)
    found: dict[str, int] = {}
    for state, refusal in session.execute(newest):
        plain = {"queued": "under_way", "fetching": "under_way", "withdrawn": "withdrawn", "refused": refusal}
        outcome = plain.get(state, "fetched") or "refused"
        found[outcome] = found.get(outcome, 0) + 1
    return found


def lately_settled(session: Session) -> list[float]:
    """Seconds from commit to verdict of the newest verdicts."""
    ids = select(DbOutcome.submission_id).order_by(DbOutcome.id.desc()).limit(NEWEST)
    when = select(DbSubmission.committed_at, DbSubmission.settled_at).where(DbSubmission.id.in_(ids))
    return [
        (settled - committed).total_seconds()
        for committed, settled in session.execute(when)
        if settled and committed
    ]


def count_judges(session: Session) -> dict[str, int]:
    """How many judges are active and blocked."""
    found = session.execute(select(DbJudge.state, func.count()).group_by(DbJudge.state))
    return {"active": 0, "blocked": 0, **_counts(found)}


@costly
def judge_counts(session: Session) -> list[tuple[str, list[list[float]]]]:
    """The topic and the counts [true][given] of the judges who came last, NEWEST at most."""
    newest = select(DbJudge.topic, DbJudge.counts).where(DbJudge.state == "active")
    return [(row[0], row[1]) for row in session.execute(newest.order_by(DbJudge.id.desc()).limit(NEWEST))]


def count_tasks(session: Session, since: datetime) -> dict[str, int]:
    """Long work that waits, that runs, and that failed since a moment."""
    query = (
        select(DbTask.state, func.count())
        .where(DbTask.state.in_(("queued", "running")))
        .group_by(DbTask.state)
    )
    found: dict[str, Any] = {"queued": 0, "running": 0, **_counts(session.execute(query))}
    failed = select(func.count()).where(DbTask.state == "failed", DbTask.finished_at >= since)
    found["failed_lately"] = session.scalar(failed) or 0
    return found


LONG_GONE = timedelta(days=1)
"""After so long nobody wants to know of a worker that was."""


def submission_name(session: Session, row_id: int, *, is_item: bool) -> str | None:
    """The public id of a submission, by its own row or by that of its review item."""
    query = select(DbSubmission.public_id)
    if is_item:
        query = query.join(DbReviewItem, DbReviewItem.submission_id == DbSubmission.id).where(
            DbReviewItem.id == row_id
        )
    else:
        query = query.where(DbSubmission.id == row_id)
    return session.scalar(query)


def _counts(found: Iterable[Any]) -> dict[str, int]:
    return {row[0]: int(row[1]) for row in found}
