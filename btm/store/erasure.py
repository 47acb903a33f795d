"""Statements that take a person out of what stays: names, marks, and what they wrote in their own words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, exists, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from btm.rules.payouts import HELD
from btm.store.tables import (
    DbAccount,
    DbAct,
    DbAppeal,
    DbAssignment,
    DbCall,
    DbDelivery,
    DbDispute,
    DbFingerprint,
    DbJudgement,
    DbPayout,
    DbPayoutBatch,
    DbReviewItem,
    DbRole,
    DbSession,
    DbSubmission,
    DbToken,
    DbWebhook,
    DbWorker,
    DbWorkSession,
)

UNSETTLED = ("working", "done", "submitted")
SETTLED_BATCHES = ("reconciled", "cancelled")


def holding_batches(session: Session, account_id: int) -> list[str]:
    """Public ids of batches that hold a payment to somebody which did not reach them yet."""
    rows = (
        select(DbPayoutBatch.public_id)
        .join(DbPayout, DbPayout.batch_id == DbPayoutBatch.id)
        .where(DbPayout.account_id == account_id, DbPayout.state.in_(HELD))
    )
    return list(session.scalars(rows.order_by(DbPayoutBatch.id)))


def open_tasks(session: Session, account_id: int, now: datetime) -> int:
    """Assignments of somebody that may still be handed in, or wait to be approved."""
    late = (DbAssignment.state == "working") & (DbAssignment.deadline_at <= now)
    rows = select(func.count()).where(
        DbAssignment.account_id == account_id, DbAssignment.state.in_(UNSETTLED), ~late
    )
    return int(session.scalar(rows) or 0)


def is_last_admin(session: Session, account_id: int, *, lock: bool = False) -> bool:
    """Whether somebody is an admin, and nobody else is. With `lock`, the admins' roles are held until the transaction ends."""
    query = select(DbRole.account_id).where(DbRole.role == "admin")
    rows = session.scalars(query.with_for_update() if lock else query)
    return set(rows) == {account_id}


def rename_account(session: Session, account_id: int, handle: str, handle_key: str, now: datetime) -> None:
    """Give an account a name that says nothing, and no way in."""
    session.execute(
        update(DbAccount)
        .where(DbAccount.id == account_id)
        .values(handle=handle, handle_key=handle_key, password_hash=None, erased_at=now)
    )


def forget_ways_in(session: Session, account_id: int) -> None:
    """Delete sessions, tokens and what was asked by them, marks of devices and addresses, and roles."""
    for table in (DbSession, DbToken, DbCall, DbFingerprint, DbRole):
        session.execute(delete(table).where(table.account_id == account_id))
    own = select(DbAssignment.id).where(DbAssignment.account_id == account_id)
    session.execute(delete(DbWorkSession).where(DbWorkSession.assignment_id.in_(own)))


def forget_words(session: Session, account_id: int) -> None:
    """Blank what somebody wrote in their own words. What they judged stays."""
    own = select(DbSubmission.id).where(DbSubmission.player_id == account_id)
    for query in (
        update(DbJudgement).where(DbJudgement.judge_id == account_id).values(reason="", other=""),
        update(DbDispute).where(DbDispute.judge_id == account_id).values(reason=""),
        update(DbAppeal).where(DbAppeal.submission_id.in_(own)).values(reason=""),
    ):
        session.execute(query)


def forget_platform_ids(session: Session, account_id: int, handle: str) -> None:
    """Whoever comes by one of these ids again is somebody new."""
    for worker in session.scalars(select(DbWorker).where(DbWorker.account_id == account_id)):
        worker.external_id = f"{handle}-{worker.id}"
    for task in session.scalars(select(DbAssignment).where(DbAssignment.account_id == account_id)):
        task.external_id = f"{handle}-{task.id}"
        if task.state in UNSETTLED:
            task.state = "gone"


def rename_in_records(session: Session, account_id: int, old: str, new: str) -> None:
    """The acts on an account, and what a batch's comparison said of it, under the new name."""
    session.execute(update(DbAct).where(DbAct.subject == f"account:{old}").values(subject=f"account:{new}"))
    paid = select(DbPayout.batch_id).where(DbPayout.account_id == account_id)
    keys = set(session.scalars(select(DbPayout.key).where(DbPayout.account_id == account_id)))
    for batch in session.scalars(select(DbPayoutBatch).where(DbPayoutBatch.id.in_(paid))):
        if any(line.get("key") in keys for line in batch.differences):
            batch.differences = [
                line | {"handle": new} if line.get("key") in keys else line for line in batch.differences
            ]


def end_webhooks(session: Session, account_id: int, now: datetime) -> None:
    """Tell the addresses that somebody named nothing more, and forget them and what they answered."""
    own = select(DbWebhook.id).where(DbWebhook.created_by == account_id)
    session.execute(
        update(DbDelivery)
        .where(DbDelivery.webhook_id.in_(own), DbDelivery.state == "waiting")
        .values(state="failed", wake_at=None)
    )
    session.execute(update(DbDelivery).where(DbDelivery.webhook_id.in_(own)).values(answer=""))
    session.execute(
        update(DbWebhook)
        .where(DbWebhook.created_by == account_id)
        .values(ended_at=func.coalesce(DbWebhook.ended_at, now), url="", secret="")
    )
    made = select(DbAct).where(DbAct.actor_id == account_id, DbAct.verb == "make_webhook")
    for act in session.scalars(made):
        act.detail = {name: value for name, value in act.detail.items() if name != "url"}


def forget_payees(session: Session, paid_before: datetime) -> int:
    """Take the platform's ids out of payments to people who were erased: at once where the batch is reconciled, and otherwise once it
    was paid before a moment. Returns how many."""
    batch, account = aliased(DbPayoutBatch), aliased(DbAccount)
    settled: ColumnElement[bool] = or_(batch.state.in_(SETTLED_BATCHES), batch.paid_at < paid_before)
    query = (
        update(DbPayout)
        .where(
            DbPayout.worker != "",
            DbPayout.state.not_in(HELD),
            exists().where(batch.id == DbPayout.batch_id, settled),
            exists().where(account.id == DbPayout.account_id, account.erased_at.is_not(None)),
        )
        .values(worker="", assignment="")
        .execution_options(synchronize_session=False)
    )
    return int(session.execute(query).rowcount)  # type: ignore[attr-defined]


def leave_the_game(session: Session, account_id: int) -> None:
    """Take back what was not committed, and give back pages that were to be judged."""
    values: Sequence[tuple[Any, dict[str, Any]]] = (
        (
            update(DbSubmission).where(
                DbSubmission.player_id == account_id, DbSubmission.state.in_(("queued", "fetching", "quoted"))
            ),
            {"state": "withdrawn", "step": "", "wake_at": None},
        ),
        (
            update(DbReviewItem).where(DbReviewItem.lease_judge_id == account_id),
            {"lease_judge_id": None, "lease_token": "", "lease_until": None},
        ),
        (
            update(DbReviewItem).where(DbReviewItem.for_judge_id == account_id, DbReviewItem.state == "open"),
            {"state": "withdrawn"},
        ),
    )
    for query, changes in values:
        session.execute(query.values(changes).execution_options(synchronize_session=False))
