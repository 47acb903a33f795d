"""Queries about what players hand in, by site, for the signals that modelers see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from btm.store.costly import costly
from btm.store.tables import DbAccount, DbOutcome, DbPage, DbSubmission


@dataclass(frozen=True, slots=True)
class SiteCount:
    """How many pages of a site a player handed in."""

    player_id: int
    site: str
    pages: int


@dataclass(frozen=True, slots=True)
class HandedPage:
    """A page that a player handed in: its blocks (kind, text) and its near-duplicate signature. `public_id` is empty where it is no find,
    and so not public."""

    player_id: int
    site: str
    public_id: str
    blocks: tuple[tuple[str, str], ...]
    signature: bytes


@costly
def pages_by_site(session: Session, challenge_id: int, since: datetime) -> list[SiteCount]:
    """What every player handed in to a challenge since a day, by site. Addresses without a registrable domain do not count."""
    rows = session.execute(
        select(DbSubmission.player_id, DbSubmission.site, func.count())
        .where(
            DbSubmission.challenge_id == challenge_id,
            DbSubmission.created_at >= since,
            DbSubmission.site != "",
        )
        .group_by(DbSubmission.player_id, DbSubmission.site)
        .order_by(DbSubmission.player_id, DbSubmission.site)
    )
    return [SiteCount(player, site, int(pages)) for player, site, pages in rows]


@costly
def first_seen(session: Session, challenge_id: int, since: datetime) -> dict[str, tuple[int, datetime]]:
    """For each site of which a page was handed in to a challenge since a day: how many players ever handed in one of it, in whatever
    challenge, and when the first did."""
    theirs = (
        select(DbSubmission.site)
        .where(DbSubmission.challenge_id == challenge_id, DbSubmission.created_at >= since)
        .distinct()
    )
    rows = session.execute(
        select(
            DbSubmission.site,
            func.count(func.distinct(DbSubmission.player_id)),
            func.min(DbSubmission.created_at),
        )
        .where(DbSubmission.site.in_(theirs), DbSubmission.site != "")
        .group_by(DbSubmission.site)
    )
    return {site: (int(players), first) for site, players, first in rows}


def newest_pages(
    session: Session, challenge_id: int, since: datetime, players: list[int] | None, limit: int
) -> list[HandedPage]:
    """The newest page that each of these players, or anybody, handed in of each site, newest first."""
    newest = (
        select(func.max(DbSubmission.id))
        .where(
            DbSubmission.challenge_id == challenge_id,
            DbSubmission.created_at >= since,
            DbSubmission.site != "",
            DbSubmission.page_id.is_not(None),
        )
        .group_by(DbSubmission.player_id, DbSubmission.site)
    )
    if players is not None:
        newest = newest.where(DbSubmission.player_id.in_(players))
    rows = session.execute(
        select(
            DbSubmission.player_id,
            DbSubmission.site,
            case((DbOutcome.is_error, DbSubmission.public_id), else_=""),
            DbPage.blocks,
            DbPage.signature,
        )
        .join(DbPage, DbPage.id == DbSubmission.page_id)
        .outerjoin(DbOutcome, DbOutcome.submission_id == DbSubmission.id)
        .where(DbSubmission.id.in_(newest))
        .order_by(DbSubmission.id.desc())
        .limit(limit)
    )
    return [
        HandedPage(player, site, public_id, tuple((kind, text) for kind, text in blocks), signature)
        for player, site, public_id, blocks, signature in rows
    ]


def handles(session: Session, account_ids: list[int]) -> dict[int, str]:
    """The names of some accounts; empty for visitors."""
    rows = session.execute(select(DbAccount.id, DbAccount.handle).where(DbAccount.id.in_(account_ids)))
    return {account_id: handle or "" for account_id, handle in rows}
