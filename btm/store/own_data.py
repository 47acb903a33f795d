"""Everything that is kept about one person, as plain rows."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from btm.store.tables import (
    DbAccount,
    DbAct,
    DbAppeal,
    DbAssignment,
    DbChallenge,
    DbDispute,
    DbEntry,
    DbFingerprint,
    DbInvite,
    DbInviteUse,
    DbJudgement,
    DbPage,
    DbPayout,
    DbPayoutBatch,
    DbQualification,
    DbQuote,
    DbReviewItem,
    DbRole,
    DbSession,
    DbSubmission,
    DbToken,
    DbWebhook,
    DbWork,
    DbWorker,
)


def read_all(session: Session, account_id: int) -> dict[str, list[dict[str, Any]]]:
    """By section, the rows of one person, oldest first, without what proves who somebody is (hashes of passwords and tokens)."""
    return {
        name: [dict(row) for row in session.execute(query).mappings()]
        for name, query in _queries(account_id).items()
    }


def _queries(me: int) -> dict[str, Any]:
    return _person(me) | _game(me) | _money(me) | _platforms(me)


def _person(me: int) -> dict[str, Any]:
    return {
        "account": select(DbAccount.handle.label("name"), DbAccount.created_at).where(DbAccount.id == me),
        "roles": select(DbRole.role, DbRole.scope.label("challenge"), DbRole.granted_at)
        .where(DbRole.account_id == me)
        .order_by(DbRole.id),
        "sessions": select(DbSession.device, DbSession.created_at, DbSession.seen_at, DbSession.expires_at)
        .where(DbSession.account_id == me)
        .order_by(DbSession.id),
        "tokens": select(
            DbToken.name, DbToken.scopes, DbToken.created_at, DbToken.expires_at, DbToken.seen_at
        )
        .where(DbToken.account_id == me)
        .order_by(DbToken.id),
        "device_marks": select(DbFingerprint.value.label("keyed_hash"), DbFingerprint.seen_at)
        .where(DbFingerprint.account_id == me)
        .order_by(DbFingerprint.id),
        "tests_taken": select(
            DbChallenge.slug.label("challenge"), DbQualification.right, DbQualification.asked,
            DbQualification.passed, DbQualification.taken_at,
        )
        .join(DbChallenge, DbChallenge.id == DbQualification.challenge_id)
        .where(DbQualification.account_id == me)
        .order_by(DbQualification.id),
        "webhooks": select(
            DbChallenge.slug.label("challenge"), DbWebhook.url, DbWebhook.events, DbWebhook.created_at, DbWebhook.ended_at
        )
        .join(DbChallenge, DbChallenge.id == DbWebhook.challenge_id)
        .where(DbWebhook.created_by == me)
        .order_by(DbWebhook.id),
        "privileged_acts": select(DbAct.verb, DbAct.subject, DbAct.at)
        .where(DbAct.actor_id == me)
        .order_by(DbAct.id),
    }  # fmt: skip


def _game(me: int) -> dict[str, Any]:
    return {
        "submissions": select(
            DbSubmission.public_id.label("id"), DbChallenge.slug.label("challenge"), DbSubmission.url,
            DbSubmission.claimed, DbSubmission.state, DbSubmission.refusal, DbSubmission.created_at,
            DbSubmission.committed_at, DbSubmission.settled_at, DbQuote.points.label("quoted_points"),
        )
        .join(DbChallenge, DbChallenge.id == DbSubmission.challenge_id)
        .outerjoin(DbQuote, DbQuote.submission_id == DbSubmission.id)
        .where(DbSubmission.player_id == me)
        .order_by(DbSubmission.id),
        "appeals": select(
            DbSubmission.public_id.label("submission"), DbAppeal.reason, DbAppeal.state, DbAppeal.made_at
        )
        .join(DbSubmission, DbSubmission.id == DbAppeal.submission_id)
        .where(DbSubmission.player_id == me)
        .order_by(DbAppeal.id),
        "judgements": select(
            DbChallenge.slug.label("challenge"), DbPage.title.label("page"), DbJudgement.label, DbJudgement.cannot,
            DbJudgement.other, DbJudgement.reason, DbJudgement.seconds, DbJudgement.judged_at, DbJudgement.withdrawn_at,
        )
        .join(DbReviewItem, DbReviewItem.id == DbJudgement.item_id)
        .join(DbChallenge, DbChallenge.id == DbReviewItem.challenge_id)
        .join(DbPage, DbPage.id == DbReviewItem.page_id)
        .where(DbJudgement.judge_id == me)
        .order_by(DbJudgement.id),
        "disputes": select(DbDispute.reason, DbDispute.state, DbDispute.answer, DbDispute.made_at)
        .where(DbDispute.judge_id == me)
        .order_by(DbDispute.id),
    }  # fmt: skip


def _money(me: int) -> dict[str, Any]:
    return {
        "points": select(
            DbEntry.kind, DbChallenge.slug.label("challenge"), DbEntry.worker.label("points"), DbEntry.reason, DbEntry.at
        )
        .join(DbChallenge, DbChallenge.id == DbEntry.challenge_id)
        .where(DbEntry.account_id == me)
        .order_by(DbEntry.id),
        "payments": select(
            DbPayoutBatch.platform, DbPayout.worker.label("paid_to"), DbPayout.cents, DbPayout.points, DbPayout.state,
            DbPayout.reference, DbPayout.settled_at,
        )
        .join(DbPayoutBatch, DbPayoutBatch.id == DbPayout.batch_id)
        .where(DbPayout.account_id == me)
        .order_by(DbPayout.id),
    }  # fmt: skip


def _platforms(me: int) -> dict[str, Any]:
    return {
        "platforms": select(DbWorker.platform, DbWorker.external_id.label("id"), DbWorker.created_at)
        .where(DbWorker.account_id == me)
        .order_by(DbWorker.id),
        "tasks": select(
            DbAssignment.platform, DbAssignment.external_id.label("id"), DbWork.title, DbAssignment.state,
            DbAssignment.arrived_at, DbAssignment.done_at, DbAssignment.settled_at,
        )
        .join(DbWork, DbWork.id == DbAssignment.work_id)
        .where(DbAssignment.account_id == me)
        .order_by(DbAssignment.id),
        "invites": select(DbChallenge.slug.label("challenge"), DbInviteUse.used_at)
        .join(DbInvite, DbInvite.id == DbInviteUse.invite_id)
        .join(DbChallenge, DbChallenge.id == DbInvite.challenge_id)
        .where(DbInviteUse.account_id == me)
        .order_by(DbInviteUse.id),
    }  # fmt: skip
