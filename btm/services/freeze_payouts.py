"""Begin a batch of payments: everybody's points up to a moment leave their balances, once, and wait to be paid."""

from __future__ import annotations

from datetime import datetime

from btm.rules import money as law
from btm.rules.errors import Conflict
from btm.rules.payouts import Share, check_next
from btm.services.financing import check_treasurer
from btm.services.holding import Held, held_view
from btm.services.payout_facts import (
    Payable,
    batch_views,
    check_cutoff,
    check_least,
    check_platform,
    get_batch,
    payable,
    payees_of,
)
from btm.services.views_payouts import BatchView, PayableView, PayeeView
from btm.store import payees
from btm.store.acts import record_act
from btm.store.payees import Payee
from btm.store.tables_money import DbEntry, DbPayout, DbPayoutBatch, DbPayoutHold
from btm.store.transaction import Session, insert_many, reading, transaction

REASON = "Paid out"
MOST_SHOWN = 200


def show_payable(
    platform: str, *, cutoff: datetime, least_cents: int, asker_id: int | None, now: datetime
) -> PayableView:
    """What freezing would take now. Raises Forbidden (no admin), Invalid."""
    check_least(least_cents)
    check_cutoff(cutoff, now)
    with reading() as session:
        check_treasurer(session, asker_id)
        people = payees_of(session, platform)
        due = payable(session, people, cutoff, least_cents, now)
    return PayableView(
        platform=platform,
        cutoff=cutoff,
        least_cents=least_cents,
        payees=tuple(
            PayeeView(who.account_id, who.handle, who.worker, part.cents, part.points)
            for who, part in due.found
        ),
        cents=sum(part.cents for _, part in due.found),
        points=sum(part.points for _, part in due.found),
        below=due.below,
        held=tuple(held_view(each) for each in due.held[:MOST_SHOWN]),
        held_pages=len(due.held),
        held_points=sum(each.find.points for each in due.held),
    )


def open_batch(
    platform: str, *, cutoff: datetime, least_cents: int, asker_id: int | None, now: datetime, new_id: str
) -> BatchView:
    """A new batch, which holds nothing yet. Raises Forbidden (no admin), Invalid."""
    check_platform(platform)
    check_least(least_cents)
    check_cutoff(cutoff, now)
    with transaction() as session:
        check_treasurer(session, asker_id)
        batch = DbPayoutBatch(
            public_id=new_id, platform=platform, state="open", cutoff=cutoff, least_cents=least_cents,
            created_by=asker_id, created_at=now,
        )  # fmt: skip
        session.add(batch)
        session.flush()
        detail = {"platform": platform, "cutoff": cutoff.isoformat(), "least_cents": least_cents}
        record_act(session, "open_payout", f"payout:{new_id}", actor_id=asker_id, at=now, detail=detail)
        return batch_views(session, [batch])[0]


def freeze_batch(public_id: str, *, asker_id: int | None, now: datetime) -> BatchView:
    """Take everybody's unpaid points up to the batch's cut-off into it. From then on they are not taken back, and not paid by
    another batch. Who does not reach the least sum keeps everything, and so does everybody what is below a whole cent. Points for a find
    whose page has to be looked at again stay too, and that they did is written down with the batch, so that a later one takes them.

    Raises Forbidden (no admin), NotFound, Conflict (`wrong_state`, `nobody`).
    """
    with transaction() as session:
        check_treasurer(session, asker_id)
        batch = get_batch(session, public_id, lock=True)
        check_next(batch.state, "frozen")
        people = payees_of(session, batch.platform)
        there = payees.lock_payees(session, [each.account_id for each in people])
        people = [each for each in people if each.account_id in there]
        due = payable(session, people, batch.cutoff, batch.least_cents, now)
        if not due.found:
            raise Conflict(_nobody(due), code="nobody")
        _write(session, batch, due.found, now)
        _write_held(session, batch, due.held)
        batch.state, batch.frozen_by, batch.frozen_at = "frozen", asker_id, now
        session.flush()
        detail = {"workers": len(due.found), "cents": sum(part.cents for _, part in due.found)}
        if due.held:
            detail["held"] = sum(each.find.points for each in due.held)
        record_act(session, "freeze_payout", f"payout:{public_id}", actor_id=asker_id, at=now, detail=detail)
        return batch_views(session, [batch])[0]


def _nobody(due: Payable) -> str:
    if not due.held:
        return "Nobody has earned that much by then, so there is nothing to pay."
    points = sum(each.find.points for each in due.held)
    return (
        "Nobody has earned that much by then that can be paid yet. "
        f"{points:,} points wait until their pages have been looked at again."
    )


def _write_held(session: Session, batch: DbPayoutBatch, held: list[Held]) -> None:
    """What was left out of a batch, so that it is known not to have gone into it: unique by batch and page."""
    rows = [
        {
            "batch_id": batch.id, "submission_id": each.find.submission_id, "points": each.find.points,
            "why": each.wait.why, "until": each.wait.until,
        }
        for each in held
    ]  # fmt: skip
    insert_many(session, DbPayoutHold, rows)


def _write(session: Session, batch: DbPayoutBatch, found: list[tuple[Payee, Share]], now: datetime) -> None:
    """The payments, and the ledger entries by which their points leave: unique by batch, worker and challenge."""
    rows, entries = [], []
    for who, due in found:
        rows.append(
            {
                "batch_id": batch.id, "account_id": who.account_id, "key": f"{batch.public_id}-{who.account_id}",
                "worker": who.worker, "assignment": who.assignment, "cents": due.cents, "points": due.points,
                "parts": [list(part) for part in due.parts], "state": "pending",
            }
        )  # fmt: skip
        for challenge_id, points, _ in due.parts:
            entry = law.pay_out(law.payout_key(batch.id, who.account_id, challenge_id), points, REASON)
            entries.append(
                {
                    "key": entry.key, "kind": entry.kind, "budget": 0, "escrow": 0, "worker": entry.worker,
                    "reason": entry.reason, "challenge_id": challenge_id, "account_id": who.account_id, "at": now,
                }
            )  # fmt: skip
    insert_many(session, DbPayout, rows)
    insert_many(session, DbEntry, entries)
