"""Let a challenge go live, pause it, go on, archive it, or bring it back. Nothing is ever deleted."""

from __future__ import annotations

from datetime import datetime

from btm.rules import checklist
from btm.rules import money as law
from btm.rules.challenge_states import check_move
from btm.rules.errors import Invalid
from btm.services.authoring import design_of, facts_of, get_authored
from btm.services.machines import MachineShelf
from btm.store import money
from btm.store.acts import record_act
from btm.store.tables_challenges import DbChallenge
from btm.store.transaction import Session, reading, transaction
from classifiers.errors import MachineError

VERBS = {
    "live": "open_challenge",
    "paused": "pause_challenge",
    "archived": "archive_challenge",
    "draft": "draft_challenge",
}


def change_challenge_state(
    slug: str, state: str, *, asker_id: int | None, shelf: MachineShelf, now: datetime
) -> None:
    """Make a challenge live, paused or archived; the same state again has no effect. What was archived comes back as paused, or as a
    draft where it never was live. The first time that it goes live its starting budget is put in, once.

    Raises NotFound, Forbidden, Conflict (`wrong_state`), and Invalid (`incomplete`, with the field) where something is missing.
    """
    if state == "live":
        _check_machine(slug, asker_id, shelf)
    with transaction() as session:
        row = get_authored(session, slug, asker_id, lock=True)
        if row.state == state:
            return
        check_move(row.state, state, has_been_live=row.live_at is not None)
        if state == "live":
            _open(session, row, now)
        detail = {"from": row.state, "to": state}
        row.state = state
        record_act(session, VERBS[state], f"challenge:{slug}", actor_id=asker_id, at=now, detail=detail)


def _check_machine(slug: str, asker_id: int | None, shelf: MachineShelf) -> None:
    """Outside the transaction, for loading takes a while."""
    with reading() as session:
        machine = get_authored(session, slug, asker_id).machine
    if machine is None:
        return
    try:
        shelf.get(machine)
    except MachineError as error:
        raise Invalid(f"This machine cannot play. {error}", field="machine", code="incomplete") from error


def _open(session: Session, row: DbChallenge, now: datetime) -> None:
    design = design_of(row)
    lacking = checklist.must(checklist.what_is_missing(design, facts_of(session, row, design)))
    if row.live_at is not None:  # one whose budget is spent is open, and says so
        lacking = tuple(each for each in lacking if each.step != "money")
    if lacking:
        more = f" ({len(lacking) - 1} more to do.)" if len(lacking) > 1 else ""
        raise Invalid(lacking[0].sentence + more, field=lacking[0].field, code="incomplete")
    if row.live_at is None:
        row.live_at = now
        entry = law.fund(f"start:{row.id}", row.starting_budget, "The budget that it starts with")
        money.post(session, entry, challenge_id=row.id, at=now)
