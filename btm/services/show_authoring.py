"""A challenge as its modelers write it: the design, what it lacks, what it would pay, and how players will see it."""

from __future__ import annotations

from datetime import datetime

from btm.rules import checklist
from btm.rules.permissions import may_create
from btm.rules.presets import preset_of
from btm.services.authoring import design_of, example_of, facts_of, get_authored
from btm.services.presenting import challenge_view
from btm.services.views_authoring import AuthoringView, FittingMachine
from btm.store import authoring, challenges, machines, people
from btm.store.tables_challenges import DbChallenge
from btm.store.transaction import Session, reading

EDITS = ("create_challenge", "import_challenge", "clone_challenge", "edit_challenge")
MOST_MACHINES = 50


def show_authoring(slug: str, *, asker_id: int | None, now: datetime) -> AuthoringView:
    """Raises NotFound, Forbidden. asker_id: None for the operator."""
    with reading() as session:
        row = get_authored(session, slug, asker_id)
        design = design_of(row)
        facts = facts_of(session, row, design)
        last = authoring.last_act(session, f"challenge:{slug}", EDITS)
        return AuthoringView(
            slug=row.slug,
            state=row.state,
            revision=row.revision,
            design=design,
            missing=checklist.what_is_missing(design, facts),
            machines=_fitting(session, row),
            preset=preset_of(design.rules),
            example=example_of(design, facts),
            has_work=authoring.has_work(session, row.id),
            has_been_live=row.live_at is not None,
            free_budget=facts.free_budget,
            topic_mates=facts.topic_mates,
            created_at=row.created_at,
            edited_at=last[0].at if last else None,
            edited_by=(last[1] or "") if last else "",
            preview=challenge_view(row, challenges.figures(session, [row.id])[row.id], now),
            may_create=asker_id is None or may_create(people.roles_of(session, asker_id)),
        )


def _fitting(session: Session, row: DbChallenge) -> tuple[FittingMachine, ...]:
    """The versions that know the challenge's labels, newest first; the chosen one is always among them."""
    wanted = set(row.label_keys)
    found = [each for each in machines.versions(session, None) if wanted and set(each.labels) == wanted]
    chosen = [each for each in found if each.id == row.machine_id]
    return tuple(
        FittingMachine(each.name, each.version, each.kind, each.id == row.machine_id)
        for each in [*chosen, *(each for each in found if each.id != row.machine_id)][:MOST_MACHINES]
    )
