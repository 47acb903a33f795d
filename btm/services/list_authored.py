"""All challenges that somebody models, whatever their state."""

from __future__ import annotations

from btm.rules.permissions import may_create, may_model
from btm.services.views_authoring import AuthoredRow
from btm.store import authoring, people
from btm.store.transaction import reading


def list_authored(*, asker_id: int | None) -> list[AuthoredRow]:
    """Oldest first; nothing for somebody who models none. asker_id: None for the operator, who sees all."""
    with reading() as session:
        roles = people.roles_of(session, asker_id) if asker_id is not None else frozenset()
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
            )
            for row in authoring.every_challenge(session)
            if asker_id is None or may_model(roles, row.slug)
        ]


def may_add(*, asker_id: int) -> bool:
    """Whether somebody may make new challenges."""
    with reading() as session:
        return may_create(people.roles_of(session, asker_id))
