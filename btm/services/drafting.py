"""Writing a new draft. Shared by the services that make one: from nothing, from a file, from another challenge."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from itertools import chain, count
from typing import Any

from btm.rules.design import Design
from btm.rules.errors import Invalid
from btm.rules.read_design import slug_from
from btm.services.authoring import check_topic, columns_of
from btm.store import authoring
from btm.store.acts import record_act
from btm.store.tables_challenges import DbChallenge
from btm.store.tables_people import DbRole
from btm.store.transaction import Session, insert_once

MOST_TRIES = 200


def add_draft(
    session: Session,
    design: Design,
    *,
    asker_id: int | None,
    now: datetime,
    salt: str,
    verb: str,
    detail: Mapping[str, Any] | None = None,
) -> DbChallenge:
    """Write a draft, make its maker its modeler, and record the act. Raises Invalid (`slug`, `machine`), Forbidden."""
    slug = _insert(session, design, now, salt)
    row = authoring.lock_alone(session, slug)
    if row is None:
        raise LookupError(f"challenge {slug} was written, and cannot be found")
    topic, row.topic = row.topic, row.slug
    check_topic(session, row, topic, asker_id)
    row.topic = topic
    if asker_id is not None:
        values = {"account_id": asker_id, "role": "modeler", "scope": slug, "granted_at": now}
        insert_once(session, DbRole, values)
    record_act(session, verb, f"challenge:{slug}", actor_id=asker_id, at=now, detail=detail)
    return row


def _insert(session: Session, design: Design, now: datetime, salt: str) -> str:
    """Returns the slug under which the draft stands. One that was made of the title goes on to -2, -3 and so on where it is taken."""
    base = design.slug or slug_from(design.title)
    for slug in [base] if design.slug else chain([base], (f"{base}-{n}" for n in count(2))):
        named = replace(design, slug=slug)
        values = {
            **columns_of(session, named),
            "state": "draft",
            "salt": salt,
            "created_at": now,
            "revision": 0,
        }
        if insert_once(session, DbChallenge, values) is not None:
            return slug
        if slug.endswith(f"-{MOST_TRIES}"):
            break
    raise Invalid(f"There is a challenge called {base} already. Choose another address.", field="slug")
