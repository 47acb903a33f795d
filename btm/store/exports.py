"""Queries for taking verified errors away: which of them, in what order, and all that is known of each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import Session, defer, joinedload, raiseload

from btm.rules.exports import EVERYTHING, ExportQuery, side_of
from btm.store.corpus import last_rechecks
from btm.store.tables import (
    DbChallenge,
    DbCluster,
    DbJudgement,
    DbMachine,
    DbOutcome,
    DbPage,
    DbPlacement,
    DbQuote,
    DbRecheck,
    DbReplay,
    DbReviewItem,
    DbSubmission,
    DbTombstone,
)

_LIGHT = (
    raiseload(DbSubmission.challenge),
    joinedload(DbSubmission.page).options(
        *(
            defer(column, raiseload=True)
            for column in (
                DbPage.blocks,
                DbPage.links,
                DbPage.headings,
                DbPage.description,
                DbPage.signature,
            )
        )
    ),
)
"""What a row of an export does not say is not read: it is more than half of a page."""


@dataclass(slots=True)
class Known:
    """A verified error with all that is known of it. `judgements`: those that count; `replays`: what later machine versions say of
    it, oldest first, each (replay, machine's name, version); `recheck`: the last one."""

    outcome: DbOutcome
    submission: DbSubmission
    origin: str = "submission"
    judgements: list[DbJudgement] = field(default_factory=list)
    cluster: DbCluster | None = None
    replays: list[tuple[DbReplay, str, str]] = field(default_factory=list)
    recheck: DbRecheck | None = None


def corpus_batches(
    session: Session, challenge: DbChallenge, size: int, query: ExportQuery = EVERYTHING, after: int = 0
) -> Iterator[list[Known]]:
    """A challenge's verified errors in the order in which they were settled, a batch at a time. Memory is that of one batch. Those
    alone that `query` asks for; after: the outcome after which to go on, in place of `query.after`."""
    wanted = _wanted(challenge, query)
    while True:
        rows = session.execute(wanted.where(DbOutcome.id > after).limit(size)).all()
        if not rows:
            return
        after = rows[-1][0].id
        batch = {
            submission.id: Known(outcome, submission, cluster=cluster)
            for outcome, submission, cluster in rows
            if _is_on_side(challenge, query, submission, cluster)
        }
        if batch:
            _add_judgements(session, batch)
            _add_replays(session, batch)
            for submission_id, recheck in last_rechecks(session, list(batch)).items():
                batch[submission_id].recheck = recheck
            yield list(batch.values())
        session.expunge_all()


def _wanted(challenge: DbChallenge, query: ExportQuery) -> Select[DbOutcome, DbSubmission, DbCluster]:
    wanted = (
        select(DbOutcome, DbSubmission, DbCluster)
        .join(DbSubmission, DbSubmission.id == DbOutcome.submission_id)
        .outerjoin(DbPlacement, DbPlacement.submission_id == DbSubmission.id)
        .outerjoin(DbCluster, DbCluster.id == DbPlacement.cluster_id)
        .where(DbOutcome.challenge_id == challenge.id, DbOutcome.is_error)
        .options(*_LIGHT)
        .order_by(DbOutcome.id)
    )
    if query.cluster is not None:
        wanted = wanted.where(DbCluster.public_id == query.cluster)
    if query.state is not None:
        wanted = wanted.where(DbCluster.state == query.state)
    if query.since is not None:
        wanted = wanted.where(DbOutcome.settled_at >= query.since)
    if query.until is not None:
        wanted = wanted.where(DbOutcome.settled_at < query.until)
    if query.machine is not None:
        found_against = select(DbQuote.id).join(DbMachine, DbMachine.id == DbQuote.machine_id)
        wanted = wanted.where(
            found_against.where(
                DbQuote.submission_id == DbSubmission.id, DbMachine.version == query.machine
            ).exists()
        )
    return wanted if query.status is None else wanted.where(_has_status(challenge, query.status))


def _has_status(challenge: DbChallenge, status: str) -> ColumnElement[bool]:
    """What the machine that plays now says in its replay; without one, a find against this very machine is open."""
    replayed = select(DbReplay.id).where(
        DbReplay.submission_id == DbSubmission.id, DbReplay.machine_id == challenge.machine_id
    )
    if status == "fixed":
        return replayed.where(~DbReplay.is_wrong).exists()
    own = select(DbQuote.id).where(
        DbQuote.submission_id == DbSubmission.id, DbQuote.machine_id == challenge.machine_id
    )
    return or_(replayed.where(DbReplay.is_wrong).exists(), and_(~replayed.exists(), own.exists()))


def _is_on_side(
    challenge: DbChallenge, query: ExportQuery, submission: DbSubmission, cluster: DbCluster | None
) -> bool:
    group = cluster.public_id if cluster is not None else submission.public_id
    return query.part is None or side_of(challenge.salt, group, query.test_share) == query.part


def outcome_id_of(session: Session, challenge_id: int, public_id: str) -> int | None:
    """The outcome of a submission of this challenge, be it an error still or not, or taken down since."""
    found = session.scalar(
        select(DbOutcome.id)
        .join(DbSubmission, DbSubmission.id == DbOutcome.submission_id)
        .where(DbOutcome.challenge_id == challenge_id, DbSubmission.public_id == public_id)
    )
    lost = select(DbTombstone.outcome_id).where(
        DbTombstone.challenge_id == challenge_id, DbTombstone.name == public_id
    )
    return found if found is not None else session.scalar(lost)


def has_cluster(session: Session, challenge_id: int, public_id: str) -> bool:
    """Whether a challenge has, or had, this cluster."""
    found = select(DbCluster.id).where(
        DbCluster.challenge_id == challenge_id, DbCluster.public_id == public_id
    )
    return session.scalar(found) is not None


def hold_still(session: Session) -> None:
    """From now on the session sees one state of the database, also on PostgreSQL. Must come before the first query."""
    if session.get_bind().dialect.name == "postgresql":
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})


def _add_judgements(session: Session, batch: dict[int, Known]) -> None:
    """Only what counts: of the item's round, and not withdrawn."""
    rows = session.execute(
        select(DbReviewItem.submission_id, DbReviewItem.origin, DbJudgement)
        .outerjoin(
            DbJudgement,
            (DbJudgement.item_id == DbReviewItem.id)
            & (DbJudgement.round == DbReviewItem.round)
            & DbJudgement.withdrawn_at.is_(None),
        )
        .where(DbReviewItem.submission_id.in_(list(batch)))
        .order_by(DbJudgement.id)
    )
    for submission_id, origin, judgement in rows:
        known = batch[submission_id or 0]
        known.origin = origin
        if judgement is not None:
            known.judgements.append(judgement)


def _add_replays(session: Session, batch: dict[int, Known]) -> None:
    rows = session.execute(
        select(DbReplay, DbMachine.name, DbMachine.version)
        .join(DbMachine, DbMachine.id == DbReplay.machine_id)
        .where(DbReplay.submission_id.in_(list(batch)))
        .order_by(DbReplay.machine_id)
    )
    for replay, name, version in rows:
        batch[replay.submission_id].replays.append((replay, name, version))
