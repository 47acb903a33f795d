"""Statements that forget what was kept long enough: pages that nothing came of, and their snapshots."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import cast

from sqlalchemy import ColumnElement, Table, delete, exists, select, update
from sqlalchemy.orm import Session

from btm.store.tables import Base, DbOrphan, DbPage, DbSubmission
from btm.store.transaction import insert_once

NOTHING_CAME_OF = ("refused", "withdrawn")


def forget_pages(session: Session, handed_in_before: datetime, most: int, now: datetime) -> int:
    """Delete pages that were refused or withdrawn, and that nothing else refers to, and note their snapshots as orphans. The
    submissions stay, without a page. Returns how many pages went."""
    done = DbSubmission.state.in_(NOTHING_CAME_OF) & (DbSubmission.created_at < handed_in_before)
    found = session.execute(
        select(DbPage.id, DbPage.snapshot)
        .join(DbSubmission, DbSubmission.page_id == DbPage.id)
        .where(done, ~_is_needed())
        .order_by(DbPage.id)
        .limit(most)
    ).all()
    pages = {row.id: row.snapshot for row in found}
    if pages:
        session.execute(
            update(DbSubmission)
            .where(DbSubmission.page_id.in_(pages), done)
            .values(page_id=None)
            .execution_options(synchronize_session=False)
        )
        session.execute(delete(DbPage).where(DbPage.id.in_(pages)))
    for snapshot in sorted(set(pages.values()) - {""}):
        insert_once(session, DbOrphan, {"snapshot": snapshot, "since": now})
    return len(pages)


def _is_needed() -> ColumnElement[bool]:
    """Whether anything but a submission that came to nothing refers to a page, in whatever table."""
    mine = cast(Table, DbSubmission.__table__).alias("other")
    alive: ColumnElement[bool] = exists().where(
        mine.c.page_id == DbPage.id, mine.c.state.not_in(NOTHING_CAME_OF)
    )
    for table in Base.metadata.sorted_tables:
        for key in table.foreign_keys:
            if key.column.table.name == "page" and table.name != "submission":
                alive = alive | exists().where(table.c[key.parent.name] == DbPage.id)
    return alive


def orphans(session: Session, before: datetime, most: int) -> tuple[list[str], list[str]]:
    """Snapshots that were noted before a moment, held until the transaction ends: those that may be deleted, and those that a page has
    again."""
    noted = list(
        session.scalars(
            select(DbOrphan.snapshot)
            .where(DbOrphan.since < before)
            .order_by(DbOrphan.id)
            .limit(most)
            .with_for_update(skip_locked=True)
        )
    )
    needed = set(session.scalars(select(DbPage.snapshot).where(DbPage.snapshot.in_(noted)).distinct()))
    return [each for each in noted if each not in needed], [each for each in noted if each in needed]


def is_orphan(session: Session, snapshot: str) -> bool:
    """Whether this snapshot waits to be deleted."""
    return session.scalar(select(DbOrphan.id).where(DbOrphan.snapshot == snapshot)) is not None


def unmark(session: Session, snapshots: Sequence[str]) -> None:
    """These wait no more: they are gone, or needed again."""
    session.execute(delete(DbOrphan).where(DbOrphan.snapshot.in_(list(snapshots))))
