"""Batches of payments, their payments, and the file that a bank is given."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from btm.rules.errors import Conflict
from btm.rules.payouts import BY_FILE
from btm.services.cursors import read_cursor
from btm.services.financing import check_treasurer
from btm.services.payout_facts import batch_views, get_batch, held_from, payout_view
from btm.services.row_files import csv_file
from btm.services.views_payouts import BatchPage, BatchView
from btm.store import payouts
from btm.store.acts import record_act
from btm.store.transaction import reading, transaction

HEADER = ("name", "reference", "amount", "currency")
MOST_SHOWN = 200
PAYABLE = ("pending", "sending", "unsure", "paid")


def list_batches(*, asker_id: int | None, cursor: str | None = None, limit: int = 50) -> BatchPage:
    """Batches, newest first. Raises Forbidden (no admin), Invalid for a broken cursor."""
    before = read_cursor(cursor)
    with reading() as session:
        check_treasurer(session, asker_id)
        rows = payouts.batches(session, before, limit + 1)
        views = batch_views(session, rows[:limit])
    return BatchPage(tuple(views), str(rows[limit - 1].id) if len(rows) > limit else None)


def show_batch(
    public_id: str, *, asker_id: int | None, cursor: str | None = None, limit: int | None = 200
) -> BatchView:
    """A batch with a page of its payments, oldest first. Raises Forbidden (no admin), NotFound, Invalid."""
    after = read_cursor(cursor) or 0
    with reading() as session:
        check_treasurer(session, asker_id)
        batch = get_batch(session, public_id)
        [view] = batch_views(session, [batch])
        more = None if limit is None else limit + 1
        rows = payouts.payouts_of(session, batch.id, after=after, limit=more)
        held = held_from(session, batch, MOST_SHOWN)
    shown = rows if limit is None else rows[:limit]
    return replace(
        view,
        payouts=tuple(payout_view(row, handle) for row, handle in shown),
        next_cursor=str(shown[-1][0].id) if len(rows) > len(shown) else None,
        held=held,
    )


def write_bank_file(public_id: str, *, asker_id: int | None, now: datetime) -> Iterator[bytes]:
    """The payments of an approved batch as CSV: name, reference, amount in dollars, currency. What was refused is not in it.

    That it was taken is written down. Raises Forbidden (no admin), NotFound, Conflict (`wrong_state`).
    """
    with transaction() as session:
        check_treasurer(session, asker_id)
        batch = get_batch(session, public_id)
        if batch.platform not in BY_FILE:
            raise Conflict(
                "This batch is paid by its platform, and no bank has to be told.", code="not_by_file"
            )
        if batch.state not in ("approved", "paying", "paid", "reconciled"):
            raise Conflict("A bank's file is made once the batch is approved.", code="wrong_state")
        rows = [row for row, _ in payouts.payouts_of(session, batch.id) if row.state in PAYABLE]
        record_act(
            session,
            "write_bank_file",
            f"payout:{public_id}",
            actor_id=asker_id,
            at=now,
            detail={"payments": len(rows)},
        )
    return csv_file(HEADER, ({
        "name": row.worker, "reference": row.key, "amount": f"{row.cents // 100}.{row.cents % 100:02}", "currency": "USD",
    } for row in rows))  # fmt: skip
