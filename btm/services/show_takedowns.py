"""What was taken down from a challenge, for its modelers."""

from __future__ import annotations

from btm.services.cursors import read_cursor
from btm.services.modelling import get_modelled
from btm.services.views_takedowns import TakedownsView, TombstoneView
from btm.store import takedowns
from btm.store.takedowns import Emptied
from btm.store.transaction import reading

SHOWN = 50


def show_takedowns(
    slug: str, *, asker_id: int | None, cursor: str | None = None, limit: int = SHOWN
) -> TakedownsView:
    """The tombstones, newest first. Raises NotFound, Forbidden, and Invalid for a broken cursor."""
    with reading() as session:
        challenge = get_modelled(session, slug, asker_id)
        found = takedowns.tombstones(session, challenge.id, before=read_cursor(cursor), limit=limit + 1)
        kept = takedowns.with_kept_bytes(session, [each.takedown.id for each in found])
    return TakedownsView(
        slug=challenge.slug,
        tombstones=tuple(_view(each, each.takedown.id in kept) for each in found[:limit]),
        cursor=str(found[limit - 1].tombstone.id) if len(found) > limit else None,
    )


def _view(each: Emptied, is_kept: bool) -> TombstoneView:
    stone, takedown = each.tombstone, each.takedown
    return TombstoneView(
        name=stone.name,
        takedown=takedown.public_id,
        reason=takedown.reason,
        note=takedown.note,
        at=stone.at,
        by=each.by,
        everywhere=takedown.challenge_id is None,
        was_find=stone.outcome_id is not None,
        is_done=takedown.cleared_at is not None,
        is_kept=is_kept,
    )
