"""Queries about verified errors: the public list, and the export."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from btm.store.tables import DbAccount, DbJudgement, DbOutcome, DbReviewItem, DbSubmission


def finds(
    session: Session, challenge_id: int, before: int | None, limit: int
) -> list[tuple[DbOutcome, DbSubmission, str]]:
    """Verified errors, newest first: (outcome, submission with page and quote, finder's handle)."""
    query = (
        select(DbOutcome, DbSubmission, DbAccount.handle)
        .join(DbSubmission, DbSubmission.id == DbOutcome.submission_id)
        .join(DbAccount, DbAccount.id == DbSubmission.player_id)
        .where(DbOutcome.challenge_id == challenge_id, DbOutcome.is_error)
        .options(joinedload(DbSubmission.page))
        .order_by(DbOutcome.id.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(DbOutcome.id < before)
    return [(a, b, c or "") for a, b, c in session.execute(query)]


Judged = tuple[int, int, str | None, str | None, float]


def corpus_batches(
    session: Session, challenge_id: int, size: int
) -> Iterator[list[tuple[DbOutcome, DbSubmission, list[Judged]]]]:
    """A challenge's verified errors in the order in which they were settled, a batch at a time.

    A judgement is (judgement id, judge id, label, cannot, seconds). Memory is that of one batch.
    """
    after = 0
    while True:
        rows = session.execute(
            select(DbOutcome, DbSubmission)
            .join(DbSubmission, DbSubmission.id == DbOutcome.submission_id)
            .where(DbOutcome.challenge_id == challenge_id, DbOutcome.is_error, DbOutcome.id > after)
            .options(joinedload(DbSubmission.page))
            .order_by(DbOutcome.id)
            .limit(size)
        ).all()
        if not rows:
            return
        judged = _judgements(session, [submission.id for _, submission in rows])
        yield [(outcome, submission, judged.get(submission.id, [])) for outcome, submission in rows]
        after = rows[-1][0].id
        session.expunge_all()


def _judgements(session: Session, submission_ids: list[int]) -> dict[int, list[Judged]]:
    rows = session.execute(
        select(
            DbReviewItem.submission_id, DbJudgement.id, DbJudgement.judge_id, DbJudgement.label, DbJudgement.cannot,
            DbJudgement.seconds,
        )
        .join(DbJudgement, DbJudgement.item_id == DbReviewItem.id)
        .where(DbReviewItem.submission_id.in_(submission_ids))
        .order_by(DbJudgement.id)
    )  # fmt: skip
    judged: dict[int, list[Judged]] = {}
    for submission_id, *rest in rows:
        judged.setdefault(submission_id, []).append(tuple(rest))  # type: ignore[arg-type]
    return judged
