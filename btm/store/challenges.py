"""Queries about challenges and machines."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, selectinload

from btm.rules.stops import Stops
from btm.store.budgets import stops_of
from btm.store.checkpoints import pots
from btm.store.costly import costly
from btm.store.tables import DbChallenge, DbMachine, DbOutcome, DbSubmission

NO_STOPS = Stops()


@dataclass(frozen=True, slots=True)
class ChallengeFigures:
    """Sums over a challenge's rows. Points are whole."""

    found: int = 0
    in_review: int = 0
    budget_left: int = 0
    last_found_at: datetime | None = None
    spent: int = 0
    stops: Stops = NO_STOPS


def find_challenge(session: Session, slug: str) -> DbChallenge | None:
    """The challenge with this slug."""
    return session.scalar(select(DbChallenge).where(DbChallenge.slug == slug))


def all_challenges(session: Session) -> list[DbChallenge]:
    """All challenges that are not drafts, oldest first."""
    return list(
        session.scalars(select(DbChallenge).where(DbChallenge.state != "draft").order_by(DbChallenge.id))
    )


def judged_together(session: Session, challenge: DbChallenge) -> list[DbChallenge]:
    """The challenges whose pages one judge meets in one queue, with the same question and answers: all of one topic. A queue
    for each would tell the judge what was claimed. The first one is their speaker."""
    query = select(DbChallenge).where(DbChallenge.topic == challenge.topic, DbChallenge.state != "draft")
    rows = list(session.scalars(query)) or [challenge]
    first = speaker(rows)
    return [first, *(row for row in rows if row is not first)]


def speaker(rows: Sequence[DbChallenge]) -> DbChallenge:
    """The one that speaks for challenges of one topic to their judges: the one named like the topic, or else the oldest; one that is
    archived only where all are."""
    return min(rows, key=lambda row: (row.state == "archived", row.slug != row.topic, row.id))


def lock_challenge(session: Session, challenge_id: int) -> DbChallenge:
    """The challenge, locked until the transaction ends: budget and outcomes of one challenge are written one at a time.

    Whoever needs several locks takes them in this order: submission, challenge, review item.
    """
    return session.execute(
        select(DbChallenge)
        .where(DbChallenge.id == challenge_id)
        # A join would find no row where the machine was changed by whoever held the lock before.
        .options(selectinload(DbChallenge.machine))
        .with_for_update(of=DbChallenge, key_share=True)
        .execution_options(populate_existing=True)
    ).scalar_one()


@costly
def figures(session: Session, challenge_ids: Iterable[int]) -> dict[int, ChallengeFigures]:
    """Finds, reviews under way, free budget and stop conditions of several challenges, in four queries."""
    ids = list(challenge_ids)
    found = {
        row[0]: (row[1], row[2])
        for row in session.execute(
            select(DbOutcome.challenge_id, func.count(), func.max(DbOutcome.settled_at))
            .where(DbOutcome.challenge_id.in_(ids), DbOutcome.is_error)
            .group_by(DbOutcome.challenge_id)
        )
    }
    in_review = dict(
        session.execute(
            select(DbSubmission.challenge_id, func.count())
            .where(DbSubmission.challenge_id.in_(ids), DbSubmission.state == "in_review")
            .group_by(DbSubmission.challenge_id)
        ).all()
    )
    points = pots(session, ids)
    stops = stops_of(session, ids)
    return {
        i: ChallengeFigures(
            *(found.get(i, (0, None))[:1]),
            in_review.get(i, 0),
            points[i].free,
            found.get(i, (0, None))[1],
            points[i].spent,
            stops.get(i, NO_STOPS),
        )
        for i in ids
    }


def find_machine(session: Session, name: str, version: str | None = None) -> DbMachine | None:
    """The machine with this name: the given version, or the newest."""
    query = select(DbMachine).where(DbMachine.name == name).order_by(DbMachine.id.desc()).limit(1)
    if version is not None:
        query = query.where(DbMachine.version == version)
    return session.scalar(query)


def all_machines(session: Session) -> list[DbMachine]:
    """The newest version of every machine, by name."""
    newest = select(func.max(DbMachine.id)).group_by(DbMachine.name)
    return list(session.scalars(select(DbMachine).where(DbMachine.id.in_(newest)).order_by(DbMachine.name)))


def challenges_of_machine(session: Session, machine_id: int) -> list[DbChallenge]:
    """The challenges that point at a machine."""
    return list(
        session.scalars(
            select(DbChallenge)
            .where(DbChallenge.machine_id == machine_id, DbChallenge.state != "draft")
            .order_by(DbChallenge.id)
        )
    )


@costly
def states_of_submissions(session: Session) -> dict[int, dict[str, int]]:
    """How many submissions stand in each state, by challenge."""
    counts: dict[int, dict[str, int]] = {}
    rows = session.execute(
        select(DbSubmission.challenge_id, DbSubmission.state, func.count()).group_by(
            DbSubmission.challenge_id, DbSubmission.state
        )
    )
    for challenge_id, state, count in rows:
        counts.setdefault(challenge_id, {})[state] = count
    return counts


def follow_machine(session: Session, name: str, machine_id: int) -> None:
    """Point every challenge of a shipped machine at its newest version. Quotes keep the version that made them."""
    older = select(DbMachine.id).where(DbMachine.name == name, DbMachine.kind == "default")
    session.execute(
        update(DbChallenge).where(DbChallenge.machine_id.in_(older)).values(machine_id=machine_id)
    )
