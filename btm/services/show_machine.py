"""Machines and their cards, for anyone to read."""

from __future__ import annotations

from datetime import datetime

from btm.rules.errors import NotFound
from btm.services.presenting import card_view
from btm.services.views_challenges import MachineView
from btm.store import challenges
from btm.store.tables_challenges import DbMachine
from btm.store.transaction import Session, reading


def show_machine(name: str, version: str | None = None, *, now: datetime) -> MachineView:
    """A machine's given version, or its newest. Raises NotFound."""
    with reading() as session:
        row = challenges.find_machine(session, name, version)
        if row is None:
            raise NotFound("There is no such machine.")
        return _view(session, row, now)


def list_machines(*, now: datetime) -> list[MachineView]:
    """The newest version of every machine."""
    with reading() as session:
        return [_view(session, row, now) for row in challenges.all_machines(session)]


def _view(session: Session, row: DbMachine, now: datetime) -> MachineView:
    rows = challenges.challenges_of_machine(session, row.id)
    figures = challenges.figures(session, [challenge.id for challenge in rows])
    return MachineView(
        name=row.name,
        version=row.version,
        labels=tuple(row.labels),
        card=row.card,
        challenges=tuple(card_view(challenge, figures[challenge.id], now) for challenge in rows),
    )
