"""Queries about machines' versions and their evaluations. Those of challenges about their machine are in btm.store.challenges."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from btm.store.outcomes import stands
from btm.store.tables import DbAccount, DbChallenge, DbEvaluation, DbMachine, DbOutcome, DbPage
from btm.store.transaction import insert_once


def versions(session: Session, name: str | None = None) -> list[DbMachine]:
    """Every version of every machine, or of one, the newest first."""
    query = select(DbMachine).order_by(DbMachine.id.desc())
    return list(session.scalars(query if name is None else query.where(DbMachine.name == name)))


def kinds_of(session: Session, name: str) -> set[str]:
    """The kinds of the versions of a name."""
    return set(session.scalars(select(DbMachine.kind).where(DbMachine.name == name).distinct()))


def add_version(session: Session, values: dict[str, Any]) -> DbMachine:
    """Write a version, or find the one of this name and version that is there."""
    insert_once(session, DbMachine, values)
    return session.execute(
        select(DbMachine).where(DbMachine.name == values["name"], DbMachine.version == values["version"])
    ).scalar_one()


def players_of(session: Session, machine_ids: Iterable[int]) -> dict[int, list[str]]:
    """The slugs of the challenges that point at each machine, drafts left out."""
    found: dict[int, list[str]] = {}
    rows = session.execute(
        select(DbChallenge.machine_id, DbChallenge.slug)
        .where(DbChallenge.machine_id.in_(list(machine_ids)), DbChallenge.state != "draft")
        .order_by(DbChallenge.slug)
    )
    for machine_id, slug in rows:
        if machine_id is not None:
            found.setdefault(machine_id, []).append(slug)
    return found


def handles(session: Session, account_ids: Iterable[int]) -> dict[int, str]:
    """Handles by account id; a visitor's is empty."""
    rows = session.execute(select(DbAccount.id, DbAccount.handle).where(DbAccount.id.in_(list(account_ids))))
    return {account_id: handle or "" for account_id, handle in rows}


def measured(session: Session, machine_ids: Iterable[int]) -> set[int]:
    """Those of the machines that were ever evaluated."""
    return set(
        session.scalars(
            select(DbEvaluation.machine_id)
            .where(DbEvaluation.machine_id.in_(list(machine_ids)))
            .group_by(DbEvaluation.machine_id)
        )
    )


def evaluations_of(session: Session, machine_id: int) -> list[DbEvaluation]:
    """A version's evaluations, newest first."""
    return list(
        session.scalars(
            select(DbEvaluation).where(DbEvaluation.machine_id == machine_id).order_by(DbEvaluation.id.desc())
        )
    )


def verified(session: Session, challenge_id: int, most: int) -> list[tuple[str, DbPage]]:
    """The latest verified probes of a challenge: (true label, page)."""
    rows = session.execute(
        select(DbOutcome.truth, DbPage)
        .join(DbPage, DbPage.id == DbOutcome.page_id)
        .where(DbOutcome.challenge_id == challenge_id, stands(DbOutcome))
        .order_by(DbOutcome.id.desc())
        .limit(most)
    )
    return [(truth, page) for truth, page in rows]
