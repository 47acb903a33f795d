"""Challenges as their modelers see them, and machines' rows to view values. Shared by the services."""

from __future__ import annotations

from collections.abc import Sequence

from btm.rules.errors import Forbidden, NotFound
from btm.rules.permissions import may_model
from btm.services.finding import get_challenge
from btm.services.views_machines import MachineVersionView
from btm.store import challenges, machines, people
from btm.store.tables_challenges import DbChallenge, DbMachine
from btm.store.transaction import Session

NOT_YOURS = "This is for the modelers of this challenge. Ask one of them, or an admin."


def get_modelled(
    session: Session, slug: str, asker_id: int | None, *, drafts: bool = False, why_not: str = NOT_YOURS
) -> DbChallenge:
    """The challenge, if the asker models it; None asks for the operator. drafts: whether it may be one; where it may
    not, its modelers read what to do, and a stranger's is not there. why_not: what somebody else is told. Raises NotFound, Forbidden."""
    is_modeler = asker_id is None or may_model(people.roles_of(session, asker_id), slug)
    found = challenges.find_challenge(session, slug) if is_modeler else None
    if found is not None and found.state == "draft" and not drafts:
        raise NotFound(
            "This challenge is a draft: its labels may still change, and nobody plays or judges yet. Put it live first (its checklist "
            "says what is missing), then try again.",
            code="draft",
        )
    challenge = found or get_challenge(session, slug)
    if not is_modeler:
        raise Forbidden(why_not, code="not_modeler")
    return challenge


def get_machine_row(session: Session, name: str, version: str | None = None) -> DbMachine:
    """The version, or the newest. Raises NotFound."""
    row = challenges.find_machine(session, name, version)
    if row is None:
        known = machines.versions(session, name)
        if known:
            raise NotFound(f"The machine {name} has no version {version}; its newest is {known[0].version}.")
        raise NotFound(f"There is no machine called {name!r}.")
    return row


def version_views(session: Session, rows: Sequence[DbMachine]) -> list[MachineVersionView]:
    """The versions as values, in three queries."""
    ids = [row.id for row in rows]
    players, measured = machines.players_of(session, ids), machines.measured(session, ids)
    makers = machines.handles(session, {row.created_by for row in rows if row.created_by is not None})
    return [
        MachineVersionView(
            name=row.name,
            version=row.version,
            kind=row.kind,
            labels=tuple(row.labels),
            created_at=row.created_at,
            made_by=makers.get(row.created_by or 0, ""),
            challenges=tuple(players.get(row.id, ())),
            measured=row.id in measured,
            address=str(row.location.get("url") or row.location.get("path") or ""),
        )
        for row in rows
    ]
