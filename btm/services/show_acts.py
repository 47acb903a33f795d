"""What privileged people did, and when."""

from __future__ import annotations

import json
from typing import Any

from btm.rules.errors import Forbidden
from btm.rules.permissions import may_administer
from btm.services.cursors import read_cursor
from btm.services.views_money import ActPage, ActView
from btm.store import acts, people
from btm.store.transaction import reading


def show_acts(
    *, asker_id: int | None, subject: str = "", verb: str = "", who: str = "", cursor: str | None = None, limit: int = 50
) -> ActPage:  # fmt: skip
    """A page of acts, newest first. subject: "kind:name", or a kind alone; verb: such as fund_challenge; who: a handle, or "operator".

    asker_id: None for the operator. Raises Forbidden (`not_admin`), Invalid for a broken cursor.
    """
    before = read_cursor(cursor)
    with reading() as session:
        if asker_id is not None and not may_administer(people.roles_of(session, asker_id)):
            raise Forbidden("The record of acts is for admins.", code="not_admin")
        rows = acts.find_acts(
            session,
            subject=subject.strip(),
            verb=verb.strip(),
            who=who.strip(),
            before=before,
            limit=limit + 1,
        )
    views = tuple(
        ActView(
            act.id,
            act.at,
            handle or "",
            act.verb,
            act.subject,
            tuple((name, _plain(value)) for name, value in act.detail.items() if value not in (None, "", [])),
        )
        for act, handle in rows[:limit]
    )
    return ActPage(views, str(views[-1].id) if len(rows) > limit else None)


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
