"""How a challenge's collection of examples stands, for its modelers."""

from __future__ import annotations

from btm.rules.collecting import missing
from btm.services.collecting import need_views
from btm.services.first_machine import name_for
from btm.services.modelling import get_modelled
from btm.services.presenting import label_view
from btm.services.views_collecting import CollectingView, MissingView
from btm.store import collecting, tasks
from btm.store.transaction import reading


def show_collecting(slug: str, *, asker_id: int | None) -> CollectingView:
    """asker_id: None for the operator. Raises NotFound, Forbidden."""
    with reading() as session:
        challenge = get_modelled(session, slug, asker_id)
        counts = collecting.verified_counts(session, challenge.id)
        short = missing(counts, challenge.label_keys, challenge.law.collect_least)
        figures = collecting.figures(session, challenge.id)
        task = tasks.find_open(session, challenge.id, "first")
        return CollectingView(
            slug=challenge.slug,
            mode=challenge.mode,
            needs=need_views(session, challenge),
            missing=tuple(
                MissingView(key, label_view(challenge, key).name, count) for key, count in short.items()
            ),
            least=challenge.law.collect_least,
            submitted=figures.submitted,
            checked=figures.checked,
            sites=figures.sites,
            machine=challenge.machine.name if challenge.machine else "",
            suggested_name=name_for(challenge.slug),
            task=task.public_id if task else None,
            last_at=figures.last_at,
        )
