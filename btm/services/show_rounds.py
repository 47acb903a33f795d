"""The rounds of a challenge, for its modelers."""

from __future__ import annotations

from btm.services.modelling import get_modelled
from btm.services.round_views import get_round, view_of
from btm.services.views_clusters import RoundView
from btm.store import rounds
from btm.store.transaction import reading


def show_rounds(slug: str, *, asker_id: int | None) -> list[RoundView]:
    """All rounds, newest first. asker_id: None for the operator. Raises NotFound, Forbidden."""
    with reading() as session:
        challenge = get_modelled(session, slug, asker_id)
        return [view_of(session, challenge, row) for row in rounds.rounds_of(session, challenge.id)]


def show_round(slug: str, round_id: str, *, asker_id: int | None) -> RoundView:
    """One round. Raises NotFound, Forbidden."""
    with reading() as session:
        challenge = get_modelled(session, slug, asker_id)
        return view_of(session, challenge, get_round(session, challenge.id, round_id))
