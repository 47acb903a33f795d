"""Change a challenge: a draft as one likes, a live one as far as nothing that was promised moves."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from btm.rules import checklist
from btm.rules.design import Design, plain_design
from btm.rules.edits import merge_changes
from btm.rules.errors import Conflict, Invalid
from btm.rules.live_edits import changed, check_edit
from btm.rules.read_design import read_design
from btm.services.authoring import check_topic, columns_of, design_of, facts_of, get_authored
from btm.store import authoring
from btm.store.acts import record_act
from btm.store.tables_challenges import DbChallenge
from btm.store.transaction import Session, transaction


def edit_challenge(
    slug: str, changes: Mapping[str, Any], *, asker_id: int | None, now: datetime, revision: int | None = None
) -> int:
    """Change the parts that `changes` names (as in a challenge's file; `rules` and `brief` may name some of theirs only, a rule that
    is None goes back to its default). revision: the one that was edited, so that nobody writes over what somebody else wrote since.

    Returns the new revision; nothing is written where nothing changes. Raises NotFound, Forbidden, Invalid (field: the place, such
    as `labels.0.key`), and Conflict: `edited_meanwhile`, `archived`, `fixed` (with its field), `slug_taken`.
    """
    with transaction() as session:
        row = get_authored(session, slug, asker_id, lock=True)
        _check_revision(session, row, revision)
        if row.state == "archived":
            raise Conflict(
                "This challenge is archived. Bring it back first, then change it.", code="archived"
            )
        old = design_of(row)
        new = read_design(merge_changes(old, changes))
        what = changed(plain_design(old), plain_design(new))
        if not what:
            return row.revision
        _check(session, row, old, new, asker_id)
        _write(session, row, new)
        detail = {"parts": list(what), "revision": row.revision, **_told(old, new, what)}
        if new.slug != slug:
            authoring.move_roles(session, slug, new.slug)
        record_act(
            session, "edit_challenge", f"challenge:{new.slug}", actor_id=asker_id, at=now, detail=detail
        )
        return row.revision


def _check_revision(session: Session, row: DbChallenge, revision: int | None) -> None:
    if revision is None or revision == row.revision:
        return
    last = authoring.last_act(session, f"challenge:{row.slug}", ("edit_challenge",))
    who = (last[1] if last else None) or "somebody else"
    parts = ", ".join(last[0].detail.get("parts", ())) if last else ""
    what = f": {parts}" if parts else ""
    raise Conflict(
        f"While you were writing, {who} changed this challenge{what}. Nothing of yours is lost: look at it, and save again.",
        code="edited_meanwhile",
    )


def _check(session: Session, row: DbChallenge, old: Design, new: Design, asker_id: int | None) -> None:
    """Raises where the edit would break a promise, or leave a challenge that people see unfinished."""
    has_work = authoring.has_work(session, row.id)
    if not new.slug:
        raise Invalid("A challenge needs an address, such as hate-2.", field="slug")
    check_edit(old, new, has_been_live=row.live_at is not None, has_work=has_work)
    if new.slug != old.slug and authoring.is_taken(session, new.slug):
        raise Conflict(
            f"There is a challenge called {new.slug} already. Choose another address.",
            code="slug_taken",
            field="slug",
        )
    check_topic(session, row, new.topic or new.slug, asker_id)
    if row.state == "draft":
        return
    machine = ("machine", "machine_version")
    if any(getattr(old, part) != getattr(new, part) for part in machine):
        raise Conflict(
            "This challenge is under way: let another machine play from its list of machines.",
            code="fixed",
            field="machine",
        )
    lacked = set(checklist.must(checklist.what_is_missing(old, facts_of(session, row, old))))
    for each in checklist.must(checklist.what_is_missing(new, facts_of(session, row, new))):
        if each not in lacked and each.step != "money":
            raise Invalid(each.sentence, field=each.field)


def _write(session: Session, row: DbChallenge, new: Design) -> None:
    for name, value in columns_of(session, new).items():
        setattr(row, name, value)
    row.revision += 1
    session.flush()


def _told(old: Design, new: Design, what: tuple[str, ...]) -> dict[str, Any]:
    """Before and after of what is short enough for the record: everything but texts and lists."""
    before, after = plain_design(old), plain_design(new)
    told = {
        part: [before[part], after[part]]
        for part in what
        if part in before and isinstance(after[part], (str, int, float, bool))
    }
    rules = {
        name: [getattr(old.rules, name), getattr(new.rules, name)]
        for name in (part.removeprefix("rules.") for part in what if part.startswith("rules."))
    }
    return {"changed": {**told, **rules}}
