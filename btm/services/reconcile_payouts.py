"""Compare a paid batch with what the platform knows, in the background, or with the list of what a bank carried out, at once."""

from __future__ import annotations

import csv
import io
from datetime import datetime
from decimal import Decimal, InvalidOperation

from btm.rules.errors import Conflict, Invalid
from btm.rules.payouts import BY_FILE, Line, check_next, differences
from btm.services import bell
from btm.services.financing import check_treasurer
from btm.services.payout_facts import batch_views, get_batch, note_differences
from btm.services.views_payouts import BatchView
from btm.store import payouts
from btm.store.acts import record_act
from btm.store.tables_money import DbPayoutBatch
from btm.store.transaction import Session, transaction

MOST_BYTES = 10_000_000


def reconcile_batch(
    public_id: str, statement: bytes | None = None, *, asker_id: int | None, now: datetime
) -> BatchView:
    """Compare our rows with the other side's, and list what differs. Where nothing does, the batch is reconciled.

    statement: for what was paid by file, the bank's list as CSV with a header, of which `reference` is read, and `amount` (dollars)
    where it is there. A platform is asked in the background.
    Raises Forbidden (no admin), NotFound, Invalid (`statement`), Conflict (`wrong_state`).
    """
    with transaction() as session:
        check_treasurer(session, asker_id)
        batch = get_batch(session, public_id, lock=True)
        if batch.state != "reconciled":
            check_next(batch.state, "reconciled")
        if batch.wake_at is not None:
            raise Conflict(
                "The platform is being asked at this moment. Wait until it has answered.", code="wrong_state"
            )
        if batch.platform in BY_FILE:
            found = differences(_ours(session, batch), _read(statement))
            note_differences(session, batch, found, actor_id=asker_id, now=now)
        else:
            batch.wake_at = now
            record_act(session, "reconcile_payout", f"payout:{public_id}", actor_id=asker_id, at=now)
        session.flush()
        [view] = batch_views(session, [batch])
    if view.is_busy:
        bell.ring("payout", batch.id)
    return view


def _ours(session: Session, batch: DbPayoutBatch) -> list[Line]:
    """Our rows; their reference on the other side is our key."""
    rows = payouts.payouts_of(session, batch.id)
    return [Line(row.key, "", row.cents, row.state == "paid") for row, _ in rows]


def _read(statement: bytes | None) -> list[Line]:
    if not statement:
        raise Invalid(
            "This batch was paid by a file, so only your bank knows what became of it. Give its list of payments as CSV, with a "
            "column “reference”.",
            field="statement",
        )
    if len(statement) > MOST_BYTES:
        raise Invalid("This file is larger than any bank's list of one batch.", field="statement")
    try:
        reader = csv.DictReader(io.StringIO(statement.decode("utf-8-sig"), newline=""))
        names = {(name or "").strip().lower(): name for name in reader.fieldnames or ()}
        if "reference" not in names:
            raise Invalid(
                "The first row has to name the columns, and one of them “reference”.", field="statement"
            )
        return [line for row in reader if (line := _line(row, names, reader.line_num))]
    except (UnicodeDecodeError, csv.Error) as error:
        raise Invalid("This file is no CSV in UTF-8.", field="statement") from error


def _line(row: dict[str, str | None], names: dict[str, str], number: int) -> Line | None:
    key = (row.get(names["reference"]) or "").strip()
    written = (row.get(names["amount"]) or "").strip() if "amount" in names else ""
    if not key:
        return None
    try:
        cents = int(Decimal(written) * 100) if written else None
    except (InvalidOperation, OverflowError, ValueError) as error:
        raise Invalid(
            f"Row {number} has {written[:40]!r} as its amount; write dollars, as 12.34.", field="statement"
        ) from error
    return Line(key[:200], "", cents)
