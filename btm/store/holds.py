"""Queries about finds whose points have not gone into a batch of payments, and about what was held from one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from btm.store.tables import (
    DbAccount,
    DbChallenge,
    DbEntry,
    DbOutcome,
    DbPage,
    DbPayout,
    DbPayoutBatch,
    DbPayoutHold,
    DbQuote,
    DbRecheck,
    DbRelease,
    DbReviewItem,
    DbSubmission,
)
from btm.store.transaction import insert_once

AT_ONCE = 5000
GIVEN_BACK = ("cancelled", "returned")


@dataclass(frozen=True, slots=True)
class Unpaid:
    """A find whose points are in its player's balance. `decided_at`: when a modeler last decided what the page is, if one did;
    `desk_at`: when one took it up again, as long as that is open."""

    submission_id: int
    public_id: str
    account_id: int
    handle: str
    challenge_id: int
    slug: str
    url: str
    title: str
    rules: dict[str, Any]
    terms: dict[str, Any]
    points: int
    settled_at: datetime
    decided_at: datetime | None
    desk_at: datetime | None
    item: str


def unpaid_finds(
    session: Session,
    *,
    cutoff: datetime,
    since: datetime,
    account_id: int | None = None,
    challenge_id: int | None = None,
    submission_id: int | None = None,
    limit: int | None = None,
) -> list[Unpaid]:
    """Finds verified after `since` whose points up to `cutoff` are in no batch, and of which no modeler said that they may be paid;
    of one account, one challenge or one page where that is asked. Those verified longest ago come first."""
    earned = (
        select(func.coalesce(func.sum(DbEntry.worker), 0))
        .where(
            DbEntry.submission_id == DbSubmission.id,
            DbEntry.account_id == DbSubmission.player_id,
            or_(DbEntry.at <= cutoff, DbEntry.worker < 0),
        )
        .scalar_subquery()
    )
    query = (
        select(
            DbSubmission.id, DbSubmission.public_id, DbSubmission.player_id, func.coalesce(DbAccount.handle, ""),
            DbChallenge.id, DbChallenge.slug, DbSubmission.url, DbPage.title, DbChallenge.rules, DbQuote.terms, earned,
            DbOutcome.settled_at, DbReviewItem.decided_at, DbReviewItem.decided_why, DbSubmission.reopened_at,
            DbSubmission.reopened_why, DbReviewItem.public_id,
        )
        .join(DbSubmission, DbSubmission.id == DbOutcome.submission_id)
        .join(DbChallenge, DbChallenge.id == DbSubmission.challenge_id)
        .join(DbAccount, DbAccount.id == DbSubmission.player_id)
        .join(DbPage, DbPage.id == DbOutcome.page_id)
        .join(DbQuote, DbQuote.submission_id == DbSubmission.id)
        .join(DbReviewItem, DbReviewItem.submission_id == DbSubmission.id)
        .outerjoin(DbRelease, DbRelease.submission_id == DbSubmission.id)
        .where(DbOutcome.is_error, DbOutcome.settled_at > since, DbRelease.id.is_(None), ~_taken(DbOutcome.settled_at))
        .order_by(DbOutcome.settled_at, DbOutcome.id)
        .limit(limit)
    )  # fmt: skip
    for column, wanted in (
        (DbSubmission.player_id, account_id),
        (DbOutcome.challenge_id, challenge_id),
        (DbSubmission.id, submission_id),
    ):
        if wanted is not None:
            query = query.where(column == wanted)
    return [_unpaid(*row) for row in session.execute(query) if row[10]]


def _unpaid(*row: Any) -> Unpaid:
    find, public_id, account, handle, challenge, slug, url, title, rules, terms, *rest = row
    points, settled_at, decided_at, decided_why, reopened_at, reopened_why, item = rest
    return Unpaid(
        submission_id=find,
        public_id=public_id,
        account_id=account,
        handle=handle,
        challenge_id=challenge,
        slug=slug,
        url=url,
        title=title,
        rules=rules,
        terms=terms,
        points=int(points),
        settled_at=settled_at,
        decided_at=decided_at if decided_why else None,
        desk_at=reopened_at if reopened_why == "desk" else None,
        item=item,
    )


def _taken(settled_at: Any) -> ColumnElement[bool]:
    """Whether what a page brought its player when it was settled went into a batch that stands: one of the points up to that moment, or
    to a later one, from which the page was not held."""
    held = select(DbPayoutHold.id).where(
        DbPayoutHold.batch_id == DbPayoutBatch.id, DbPayoutHold.submission_id == DbSubmission.id
    )
    return (
        select(DbPayout.id)
        .join(DbPayoutBatch, DbPayoutBatch.id == DbPayout.batch_id)
        .where(
            DbPayout.account_id == DbSubmission.player_id,
            DbPayout.state.not_in(GIVEN_BACK),
            DbPayoutBatch.cutoff >= settled_at,
            ~held.correlate(DbPayoutBatch, DbSubmission).exists(),
        )
        .correlate(DbSubmission, DbOutcome)
        .exists()
    )


def is_taken(session: Session, submission_id: int) -> bool:
    """Whether what a settled page brought its player went into a batch that was not cancelled."""
    query = select(DbSubmission.id).where(DbSubmission.id == submission_id, _taken(DbSubmission.settled_at))
    return session.scalar(query) is not None


def looks_at(session: Session, submission_ids: Sequence[int]) -> dict[int, list[DbRecheck]]:
    """By find, each time that its page was fetched again."""
    found: dict[int, list[DbRecheck]] = {}
    for start in range(0, len(submission_ids), AT_ONCE):
        some = list(submission_ids[start : start + AT_ONCE])
        query = select(DbRecheck).where(DbRecheck.submission_id.in_(some)).order_by(DbRecheck.id)
        for row in session.scalars(query):
            found.setdefault(row.submission_id, []).append(row)
    return found


def release(session: Session, submission_id: int, by: int | None, now: datetime) -> bool:
    """Write down that a find's points may be paid out. Returns whether that is new."""
    values = {"submission_id": submission_id, "released_by": by, "at": now}
    return insert_once(session, DbRelease, values) is not None


def held_sums(session: Session, batch_ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    """By batch that points were held from: how many finds, and their points."""
    rows = session.execute(
        select(DbPayoutHold.batch_id, func.count(), func.sum(DbPayoutHold.points))
        .where(DbPayoutHold.batch_id.in_(list(batch_ids)))
        .group_by(DbPayoutHold.batch_id)
    )
    return {batch_id: (int(number), int(points)) for batch_id, number, points in rows}


def held_from(session: Session, batch_id: int, limit: int) -> list[Any]:
    """What was held from a batch: (hold, submission's public id, URL, page's title, player's handle, challenge's slug)."""
    query = (
        select(
            DbPayoutHold, DbSubmission.public_id, DbSubmission.url, func.coalesce(DbPage.title, ""),
            func.coalesce(DbAccount.handle, ""), DbChallenge.slug,
        )
        .join(DbSubmission, DbSubmission.id == DbPayoutHold.submission_id)
        .join(DbAccount, DbAccount.id == DbSubmission.player_id)
        .join(DbChallenge, DbChallenge.id == DbSubmission.challenge_id)
        .outerjoin(DbPage, DbPage.id == DbSubmission.page_id)
        .where(DbPayoutHold.batch_id == batch_id)
        .order_by(DbPayoutHold.id)
        .limit(limit)
    )  # fmt: skip
    return list(session.execute(query))
