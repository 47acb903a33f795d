"""The steps of a batch of payments on which a person decides: approve it, have it paid, cancel it, try what was refused once more, or
give that back. Each is for admins, and is written down."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from btm.rules import money as law
from btm.rules.errors import Conflict
from btm.rules.payouts import check_next, check_second_pair_of_eyes, is_done
from btm.services import bell
from btm.services.financing import check_treasurer
from btm.services.payout_facts import batch_views, get_batch
from btm.services.views_payouts import BatchView
from btm.store import money, payees, payouts
from btm.store.acts import record_act
from btm.store.tables_money import DbPayoutBatch
from btm.store.transaction import Session, transaction

BACK = "Back in your points: it could not be paid"


@dataclass
class _Step:
    """A batch, locked, and what is to be said of what was done with it."""

    session: Session
    batch: DbPayoutBatch
    detail: dict[str, Any] = field(default_factory=dict)
    view: BatchView | None = None

    def seen(self) -> BatchView:
        if self.view is None:
            raise LookupError("the step was not taken")
        return self.view


@contextmanager
def _step(public_id: str, verb: str, asker_id: int | None, now: datetime) -> Iterator[_Step]:
    """One transaction around a step: the asker is an admin, the batch is locked, the act is recorded."""
    with transaction() as session:
        check_treasurer(session, asker_id)
        step = _Step(session, get_batch(session, public_id, lock=True))
        yield step
        session.flush()
        record_act(session, verb, f"payout:{public_id}", actor_id=asker_id, at=now, detail=step.detail)
        step.view = batch_views(session, [step.batch])[0]


def approve_batch(
    public_id: str, *, asker_id: int | None, now: datetime, four_eyes: bool = False
) -> BatchView:
    """Say that a frozen batch may be paid. four_eyes: it takes another person than the one who froze it.

    Raises Forbidden (no admin, or `four_eyes`), NotFound, Conflict (`wrong_state`).
    """
    with _step(public_id, "approve_payout", asker_id, now) as step:
        batch = step.batch
        check_next(batch.state, "approved")
        check_second_pair_of_eyes(batch.frozen_by, asker_id, four_eyes)
        batch.state, batch.approved_by, batch.approved_at = "approved", asker_id, now
    return step.seen()


def pay_batch(public_id: str, *, asker_id: int | None, now: datetime) -> BatchView:
    """Have an approved batch paid in the background. Raises Forbidden, NotFound, Conflict (`wrong_state`, `busy`)."""
    with _step(public_id, "pay_payout", asker_id, now) as step:
        check_next(step.batch.state, "paying")
        if step.batch.state != "approved":
            raise Conflict(
                "This batch was paid already. What was refused can be tried again.", code="wrong_state"
            )
        _begin(step, now)
    bell.ring("payout", step.batch.id)
    return step.seen()


def retry_refused(public_id: str, *, asker_id: int | None, now: datetime) -> BatchView:
    """Try what was refused once more. The platform is asked first whether it has been paid after all.

    Raises Forbidden, NotFound, Conflict (`wrong_state`, `nothing_refused`, `busy`).
    """
    with _step(public_id, "retry_payout", asker_id, now) as step:
        check_next(step.batch.state, "paying")
        _check_at_rest(step)
        step.detail["payments"] = payouts.move_all(step.session, step.batch.id, "refused", "unsure", note="")
        if not step.detail["payments"]:
            raise Conflict("Nothing in this batch was refused.", code="nothing_refused")
        _begin(step, now)
    bell.ring("payout", step.batch.id)
    return step.seen()


def cancel_batch(public_id: str, *, asker_id: int | None, now: datetime) -> BatchView:
    """Cancel a batch of which nothing was paid yet: everybody has their points again. Raises Forbidden, NotFound, Conflict."""
    with _step(public_id, "cancel_payout", asker_id, now) as step:
        check_next(step.batch.state, "cancelled")
        step.detail["payments"] = _give_back(step, "pending", "cancelled", now)
        step.batch.state, step.batch.cancelled_at = "cancelled", now
    return step.seen()


def give_back_refused(public_id: str, *, asker_id: int | None, now: datetime) -> BatchView:
    """What was refused goes back into the workers' points, for another batch. Raises Forbidden, NotFound, Conflict."""
    with _step(public_id, "give_back_payout", asker_id, now) as step:
        _check_at_rest(step)
        step.detail["payments"] = _give_back(step, "refused", "returned", now)
        if not step.detail["payments"]:
            raise Conflict("Nothing in this batch was refused.", code="nothing_refused")
    return step.seen()


def _check_at_rest(step: _Step) -> None:
    """What was refused may only be touched while no worker is at it."""
    counts = payouts.counts(step.session, [step.batch.id])[step.batch.id]
    is_paid = step.batch.state in ("paid", "reconciled")
    if not is_paid or step.batch.wake_at is not None or not is_done({s: n[0] for s, n in counts.items()}):
        raise Conflict("This batch is still at work. Wait until it is paid.", code="wrong_state")


def _begin(step: _Step, now: datetime) -> None:
    if not payouts.begin_paying(step.session, step.batch, now):
        raise Conflict("Another batch of this platform is being paid. Wait until it is done.", code="busy")


def _give_back(step: _Step, before: str, after: str, now: datetime) -> int:
    """Compensating entries, one for each that froze points. Returns how many payments."""
    session, batch = step.session, step.batch
    rows = [payout for payout, _ in payouts.payouts_of(session, batch.id, state=before)]
    payees.lock_payees(session, [row.account_id for row in rows])
    for row in rows:
        for challenge_id, points, _ in row.parts:
            key = f"back:{law.payout_key(batch.id, row.account_id, challenge_id)}"
            entry = law.pay_out(key, -points, BACK)
            money.post(session, entry, challenge_id=challenge_id, account_id=row.account_id, at=now)
    payouts.move_all(session, batch.id, before, after, settled_at=now)
    return len(rows)
