"""Pay a batch, one payment at a time, or ask the platform what it knows of one that was paid.

May be rung twice, and be killed at any point. What is about to be sent is written down before the platform is called, and what came of it
after. Where the second is missing, nobody knows whether the payment was made: then the platform is asked first, and only where it surely
has nothing is it paid, under the same key.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from btm.platforms.platform import Payment, Platform, PlatformDown, PlatformRefused, Receipt
from btm.rules.errors import DomainError
from btm.rules.payouts import Line, differences, is_done
from btm.services.payout_facts import note_differences
from btm.store import payouts
from btm.store.acts import record_act
from btm.store.tables_money import DbPayout
from btm.store.transaction import Session, reading, transaction

LEASE = timedelta(minutes=5)
"""Longer than any call of a platform may take: who lost the lease has no call under way."""
PAUSES = (timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=10), timedelta(minutes=30))
MOST_DOWN = 3
"""After so many calls in a row without an answer the batch waits, rather than to ask in vain for everybody."""
THANKS = "Thank you for your work at Beat the Machine."
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PayoutTools:
    """What paying is done with."""

    platform: Callable[[str], Platform]
    clock: Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class _Held:
    """A batch that this worker has taken."""

    id: int
    public_id: str
    fence: int
    platform: str
    state: str


def carry_out_payouts(batch_id: int, tools: PayoutTools) -> None:
    """Do what a batch waits for. Does nothing where another worker has it, or there is nothing to do."""
    now = tools.clock()
    with transaction() as session:
        row = payouts.take_batch(session, batch_id, now, now + LEASE)
        held = _Held(row.id, row.public_id, row.fence, row.platform, row.state) if row else None
    if held is None:
        return
    try:
        platform = tools.platform(held.platform)
    except DomainError as error:
        _rest(held, error.sentence, tools, down=1)
        return
    if held.state == "paying":
        _pay_all(held, platform, tools)
    else:
        _ask_all(held, platform, tools)


def _pay_all(held: _Held, platform: Platform, tools: PayoutTools) -> None:
    after, down, said = 0, 0, ""
    while down < MOST_DOWN:
        taken = _next(held, after, tools.clock())
        if taken is None:
            break
        payout_id, payment, is_new = taken
        after = payout_id
        try:
            _pay_one(payout_id, payment, is_new, platform, tools)
            down = 0
        except PlatformDown as error:
            down, said = down + 1, error.sentence
            _settle(payout_id, "unsure", tools, note=error.sentence)
    _rest(held, said, tools, down)


def _next(held: _Held, after: int, now: datetime) -> tuple[int, Payment, bool] | None:
    """Write down that the next payment is about to be sent, and renew the lease. None where there is none, or the lease is lost."""
    with transaction() as session:
        if not payouts.hold_batch(session, held.id, held.fence, wake_at=now + LEASE):
            return None
        row = payouts.next_payout(session, held.id, after)
        if row is None:
            return None
        is_new = row.state == "pending"
        payment = _payment(session, held.platform, row)
        row.state, row.tries, row.tried_at = "sending", row.tries + 1, row.tried_at or now
        return row.id, payment, is_new


def _payment(session: Session, platform: str, row: DbPayout) -> Payment:
    return Payment(
        key=row.key,
        worker=row.worker,
        assignment=row.assignment,
        cents=row.cents,
        reason=THANKS,
        paid_before=payouts.paid_before(session, platform, row),
        tried_at=row.tried_at,
    )


def _pay_one(payout_id: int, payment: Payment, is_new: bool, platform: Platform, tools: PayoutTools) -> None:
    """Raises PlatformDown where it is not known how it ended."""
    try:
        receipt = None if is_new else platform.find_payment(payment)
        receipt = receipt or platform.pay(payment)
    except PlatformRefused as refused:
        _settle(payout_id, "refused", tools, note=refused.sentence)
    except PlatformDown:
        raise
    except Exception as error:
        log.exception("paying %s failed", payment.key)
        raise PlatformDown(
            "Something on our side went wrong, so it is not known whether this was paid."
        ) from error
    else:
        _settle(payout_id, "paid", tools, note=receipt.note, reference=receipt.reference)


def _settle(payout_id: int, state: str, tools: PayoutTools, *, note: str, reference: str = "") -> None:
    values: dict[str, object] = {"note": note}
    values |= {"settled_at": tools.clock()} if state != "unsure" else {}
    values |= {"reference": reference[:300]} if reference else {}
    with transaction() as session:
        payouts.settle_payout(session, payout_id, state, **values)


def _rest(held: _Held, said: str, tools: PayoutTools, down: int) -> None:
    """Close the batch where everything is settled; otherwise look at it again after a while."""
    now = tools.clock()
    with transaction() as session:
        counts = payouts.counts(session, [held.id])[held.id]
        if held.state == "paying" and is_done({state: sums[0] for state, sums in counts.items()}):
            if payouts.hold_batch(
                session, held.id, held.fence, state="paid", paid_at=now, wake_at=None, message=""
            ):
                detail = {state: {"payments": sums[0], "cents": sums[1]} for state, sums in counts.items()}
                record_act(
                    session, "payout_done", f"payout:{held.public_id}", actor_id=None, at=now, detail=detail
                )
            return
        pause = PAUSES[min(held.fence, len(PAUSES)) - 1] if down or said else timedelta(0)
        payouts.hold_batch(session, held.id, held.fence, wake_at=now + pause, message=said)


def _ask_all(held: _Held, platform: Platform, tools: PayoutTools) -> None:
    """What the platform says of each payment, against our rows."""
    with reading() as session:
        known = [payout for payout, _ in payouts.payouts_of(session, held.id)]
        rows = [row for row in known if row.worker]  # of whoever was erased since, nothing is left to ask by
        asked = [(_payment(session, held.platform, row), row) for row in rows]
    ours, theirs = [], []
    for payment, row in asked:
        with transaction() as session:
            if not payouts.hold_batch(session, held.id, held.fence, wake_at=tools.clock() + LEASE):
                return
        try:
            receipt: Receipt | None = platform.find_payment(payment) if row.tried_at else None
        except DomainError as error:
            _rest(held, error.sentence, tools, down=1)
            return
        ours.append(Line(row.key, row.reference, row.cents, row.state == "paid"))
        if receipt is not None:
            theirs.append(Line(row.key, receipt.reference, None))
    with transaction() as session:
        batch = payouts.lock_held(session, held.id, held.fence)
        if batch is not None:
            note_differences(session, batch, differences(ours, theirs), actor_id=None, now=tools.clock())
