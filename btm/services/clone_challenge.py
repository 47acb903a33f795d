"""Copy a challenge into a new draft, to change what cannot be changed of the first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from btm.services.authoring import check_creator, design_of, get_authored
from btm.services.drafting import add_draft
from btm.store.transaction import transaction


def clone_challenge(
    slug: str,
    *,
    asker_id: int | None,
    now: datetime,
    new_salt: Callable[[], str],
    new_slug: str = "",
    same_topic: bool = False,
) -> str:
    """A draft with everything that the challenge says, and none of what was done with it. Returns its slug. It has a topic of its own,
    and so judges and a queue of its own, unless `same_topic`. Raises NotFound, Forbidden, Invalid (`slug`)."""
    with transaction() as session:
        check_creator(session, asker_id)
        source = get_authored(session, slug, asker_id)
        title = f"{source.title[:180]} (copy)" if source.title else ""
        design = replace(
            design_of(source), slug=new_slug, title=title, topic=source.topic if same_topic else ""
        )
        row = add_draft(
            session,
            design,
            asker_id=asker_id,
            now=now,
            salt=new_salt(),
            verb="clone_challenge",
            detail={"of": slug},
        )
        return row.slug
