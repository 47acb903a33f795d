"""One challenge with its brief."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from btm.services.collecting import need_views
from btm.services.finding import is_known, require_public
from btm.services.modelling import get_modelled
from btm.services.presenting import challenge_view
from btm.services.round_views import learned_view
from btm.services.views_challenges import ChallengeView
from btm.store import challenges
from btm.store.tables_challenges import DbChallenge
from btm.store.transaction import Session, reading


def show_challenge(slug: str, *, now: datetime, viewer_id: int | None = None) -> ChallengeView:
    """viewer_id: whose own quotes count among what waits, where examples are collected; whoever models a draft sees it too.
    Raises NotFound."""
    with reading() as session:
        challenge = _get(session, slug, viewer_id)
        view = challenge_view(challenge, challenges.figures(session, [challenge.id])[challenge.id], now)
        needs = need_views(session, challenge, viewer_id) if challenge.mode == "collect" else ()
        return replace(view, learned=learned_view(session, challenge), needs=needs)


def _get(session: Session, slug: str, asker_id: int | None) -> DbChallenge:
    found = challenges.find_challenge(session, slug)
    if found is not None and asker_id is not None and not is_known(found):
        return get_modelled(session, slug, asker_id, drafts=True)
    return require_public(found)
