"""All challenges that somebody models, whatever their state."""

from __future__ import annotations

from datetime import datetime

from btm.rules.permissions import may_create, may_model
from btm.services.presenting import card_view
from btm.services.views_authoring import AuthoredRow
from btm.store import authoring, challenges, people
from btm.store.transaction import reading


def list_authored(*, asker_id: int | None, now: datetime) -> list[AuthoredRow]:
    """Oldest first; nothing for somebody who models none. asker_id: None for the operator, who sees all."""
    with reading() as session:
        roles = people.roles_of(session, asker_id) if asker_id is not None else frozenset()
        rows = [
            row
            for row in authoring.every_challenge(session)
            if asker_id is None or may_model(roles, row.slug)
        ]
        figures = challenges.figures(session, [row.id for row in rows if row.state == "live"])
        return [
            AuthoredRow(
                slug=row.slug,
                state=row.state,
                mode=row.mode,
                title=row.title,
                topic=row.topic,
                machine=f"{row.machine.name} {row.machine.version}" if row.machine else "",
                revision=row.revision,
                created_at=row.created_at,
                stopped=card_view(row, figures[row.id], now).stopped if row.state == "live" else "",
            )
            for row in rows
        ]


def may_add(*, asker_id: int) -> bool:
    """Whether somebody may make new challenges."""
    with reading() as session:
        return may_create(people.roles_of(session, asker_id))
