"""Make a challenge: a draft, which nobody but its modelers sees until it goes live."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from btm.rules.design import Design
from btm.services.authoring import check_creator
from btm.services.drafting import add_draft
from btm.store.transaction import transaction


def create_challenge(
    design: Design, *, asker_id: int | None, now: datetime, new_salt: Callable[[], str]
) -> str:
    """Make a draft of a design, however unfinished, and its maker one of its modelers. Returns its slug: the design's own, which must
    be free, or one made of the title. asker_id: None for the operator.

    Raises Forbidden (`not_creator`), Invalid (`slug` where it is taken, `machine`).
    """
    with transaction() as session:
        check_creator(session, asker_id)
        row = add_draft(session, design, asker_id=asker_id, now=now, salt=new_salt(), verb="create_challenge")
        return row.slug
