"""Queries about submissions, pages and what claims them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import case, delete, func, or_, select, update
from sqlalchemy.orm import Session, joinedload

from btm.rules.submissions import COMMITTED, ON_THE_WAY
from btm.store.tables import DbBand, DbClaim, DbOutcome, DbPage, DbSubmission
from btm.store.transaction import insert_many, insert_once

LONGEST_KEY = 2000


def find_submission(session: Session, public_id: str, *, lock: bool = False) -> DbSubmission | None:
    """The submission with this public id, with its quote and page; locked until the transaction ends where asked."""
    query = (
        select(DbSubmission)
        .where(DbSubmission.public_id == public_id)
        .options(joinedload(DbSubmission.page), joinedload(DbSubmission.player))
    )
    if lock:
        query = query.with_for_update(of=DbSubmission, key_share=True)
    return session.scalar(query)


def get_submission(session: Session, submission_id: int, *, lock: bool = False) -> DbSubmission:
    """The submission with this id, with its quote, page and player."""
    query = (
        select(DbSubmission)
        .where(DbSubmission.id == submission_id)
        .options(joinedload(DbSubmission.page), joinedload(DbSubmission.player))
    )
    if lock:
        query = query.with_for_update(of=DbSubmission, key_share=True)
    return session.execute(query).scalar_one()


def find_on_the_way(
    session: Session, challenge_id: int, player_id: int, canonical_url: str
) -> DbSubmission | None:
    """This player's submission of the same URL that has neither been committed nor ended."""
    return session.scalar(
        select(DbSubmission).where(
            DbSubmission.challenge_id == challenge_id,
            DbSubmission.player_id == player_id,
            DbSubmission.canonical_url == canonical_url,
            DbSubmission.state.in_(ON_THE_WAY),
        )
    )


def handed_in_of_site(session: Session, site: str, player_id: int, since: datetime) -> tuple[int, int]:
    """How many pages of a site were handed in since a moment: by one player, and by everybody."""
    own = func.sum(case((DbSubmission.player_id == player_id, 1), else_=0))
    row = session.execute(
        select(func.coalesce(own, 0), func.count()).where(
            DbSubmission.site == site, DbSubmission.created_at >= since
        )
    ).one()
    return int(row[0]), int(row[1])


def submissions_of(
    session: Session, player_id: int, challenge_id: int | None, before: int | None, limit: int
) -> list[DbSubmission]:
    """A player's submissions, newest first, with page and quote."""
    query = (
        select(DbSubmission)
        .where(DbSubmission.player_id == player_id)
        .options(joinedload(DbSubmission.page))
        .order_by(DbSubmission.id.desc())
        .limit(limit)
    )
    if challenge_id is not None:
        query = query.where(DbSubmission.challenge_id == challenge_id)
    if before is not None:
        query = query.where(DbSubmission.id < before)
    return list(session.scalars(query))


def take_for_examination(session: Session, submission_id: int, now: datetime, until: datetime) -> int | None:
    """Claim a submission for a worker until `until`: one conditional UPDATE. Returns the fence, or None where another has it.

    One that waits for its machine goes on saying so while it is looked at again.
    """
    return session.scalar(
        update(DbSubmission)
        .where(
            DbSubmission.id == submission_id,
            or_(
                DbSubmission.state == "queued",
                (DbSubmission.state == "fetching") & (DbSubmission.wake_at < now),
            ),
        )
        .values(
            state="fetching",
            step=case((DbSubmission.waiting_since.is_(None), "fetching"), else_="waiting"),
            fence=DbSubmission.fence + 1,
            tries=DbSubmission.tries + 1,
            wake_at=until,
        )
        .returning(DbSubmission.fence)
    )


def note_step(
    session: Session, submission_id: int, fence: int, step: str, until: datetime | None = None
) -> None:
    """Say what a worker is doing now, if it still holds the submission; and hold it until then, where that is given."""
    session.execute(
        update(DbSubmission)
        .where(
            DbSubmission.id == submission_id, DbSubmission.fence == fence, DbSubmission.state == "fetching"
        )
        .values(
            step=case((DbSubmission.waiting_since.is_(None), step), else_="waiting"),
            **({"wake_at": until} if until is not None else {}),
        )
    )


def claim_keys(page: DbPage) -> list[str]:
    """The keys that make a page one submission's find: the URL asked for, the URL it led to, and its content."""
    return sorted(
        {_url_key(page.canonical_url), _url_key(page.final_canonical_url), f"content:{page.content_hash}"}
    )


def _url_key(url: str) -> str:
    """A redirect may lead to an address of any length, and an index takes only so much."""
    return (
        f"url:{url}" if len(url) <= LONGEST_KEY else f"url-sha256:{hashlib.sha256(url.encode()).hexdigest()}"
    )


def find_claim(session: Session, challenge_id: int, keys: Iterable[str]) -> DbSubmission | None:
    """The submission that claimed one of these keys in a challenge."""
    return session.scalar(
        select(DbSubmission)
        .join(DbClaim, DbClaim.submission_id == DbSubmission.id)
        .where(DbClaim.challenge_id == challenge_id, DbClaim.key.in_(list(keys)))
        .order_by(DbSubmission.id)
        .limit(1)
    )


def claim(session: Session, submission: DbSubmission, keys: Iterable[str], bands: Sequence[int]) -> bool:
    """Claim a page for a submission. False where another has claimed a key of it meanwhile: the unique constraint decides."""
    for key in keys:
        values = {"challenge_id": submission.challenge_id, "key": key, "submission_id": submission.id}
        if insert_once(session, DbClaim, values) is None:
            return False
    insert_many(
        session,
        DbBand,
        [
            {"challenge_id": submission.challenge_id, "value": b, "submission_id": submission.id}
            for b in bands
        ],
    )
    return True


def unclaim(session: Session, submission_id: int) -> None:
    """Give up the claim on a page."""
    session.execute(delete(DbClaim).where(DbClaim.submission_id == submission_id))
    session.execute(delete(DbBand).where(DbBand.submission_id == submission_id))


def near_candidates(
    session: Session, challenge_id: int, bands: Sequence[int], limit: int = 50
) -> list[tuple[int, bytes]]:
    """Committed submissions that share a band with a page, those with most in common first: (id, signature).

    Two statements: SQLite would look at every committed submission rather than at the few that the bands name.
    """
    shared = func.count()
    nearest = session.scalars(
        select(DbBand.submission_id)
        .where(DbBand.challenge_id == challenge_id, DbBand.value.in_(list(bands)))
        .group_by(DbBand.submission_id)
        .order_by(shared.desc(), DbBand.submission_id)
        .limit(limit)
    ).all()
    if not nearest:
        return []
    rows = session.execute(
        select(DbSubmission.id, DbPage.signature)
        .join(DbPage, DbPage.id == DbSubmission.page_id)
        .where(DbSubmission.id.in_(nearest), DbSubmission.state.in_(COMMITTED))
    )
    signatures = {row[0]: row[1] for row in rows}
    return [(i, signatures[i]) for i in nearest if i in signatures]


def probes_since(
    session: Session, challenge_id: int, after: int, limit: int
) -> list[tuple[int, int, bool, DbPage]]:
    """The next verified probes after an outcome id, in order: (outcome id, submission id, whether an error, page)."""
    rows = session.execute(
        select(DbOutcome.id, DbOutcome.submission_id, DbOutcome.is_error, DbPage)
        .join(DbPage, DbPage.id == DbOutcome.page_id)
        .where(DbOutcome.challenge_id == challenge_id, DbOutcome.id > after)
        .order_by(DbOutcome.id)
        .limit(limit)
    )
    return [(a, b, c, d) for a, b, c, d in rows]


def own_unsettled(
    session: Session, challenge_id: int, player_id: int, limit: int, claimed: str | None = None
) -> list[tuple[int, DbPage]]:
    """A player's own pages in a challenge that are quoted or wait for a verdict, newest first: (submission id, page). claimed: those
    only that are said to be of this label."""
    query = (
        select(DbSubmission.id, DbPage)
        .join(DbPage, DbPage.id == DbSubmission.page_id)
        .where(
            DbSubmission.challenge_id == challenge_id,
            DbSubmission.player_id == player_id,
            DbSubmission.state.in_(("quoted", "in_review")),
        )
        .order_by(DbSubmission.id.desc())
        .limit(limit)
    )
    if claimed is not None:
        query = query.where(DbSubmission.claimed == claimed)
    return [(a, b) for a, b in session.execute(query)]


def with_pages(session: Session, ids: Sequence[int]) -> dict[int, DbSubmission]:
    """Submissions by id, with their pages."""
    rows = session.scalars(
        select(DbSubmission).where(DbSubmission.id.in_(list(ids))).options(joinedload(DbSubmission.page))
    )
    return {row.id: row for row in rows}


def outcome_of(session: Session, submission_id: int) -> DbOutcome | None:
    """What verification found about a submission."""
    return session.scalar(select(DbOutcome).where(DbOutcome.submission_id == submission_id))


def outcomes_of(session: Session, ids: Sequence[int]) -> dict[int, DbOutcome]:
    """Outcomes by submission id."""
    rows = session.scalars(select(DbOutcome).where(DbOutcome.submission_id.in_(list(ids))))
    return {row.submission_id: row for row in rows}


def probe_counts(session: Session, player_id: int) -> tuple[int, int]:
    """How many pages somebody probed, and how many of them turned out to be errors."""
    probes = session.scalar(select(func.count()).where(DbSubmission.player_id == player_id)) or 0
    finds = (
        session.scalar(
            select(func.count())
            .select_from(DbOutcome)
            .join(DbSubmission, DbSubmission.id == DbOutcome.submission_id)
            .where(DbSubmission.player_id == player_id, DbOutcome.is_error)
        )
        or 0
    )
    return int(probes), int(finds)
