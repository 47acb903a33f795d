"""Make a challenge from a file: a draft, to be looked at and set live."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from btm.services.authoring import check_creator
from btm.services.challenge_files import read_challenge_file, renamed
from btm.services.drafting import add_draft
from btm.store.transaction import transaction


def import_challenge(
    text: str | bytes,
    *,
    asker_id: int | None,
    now: datetime,
    new_salt: Callable[[], str],
    slug: str = "",
) -> str:
    """Make a draft of a challenge's YAML. slug: another one than the file's. Returns the slug.

    Raises Forbidden, and Invalid: with the line in the sentence and the place as the field, or `slug` where it is taken.
    """
    design = read_challenge_file(text)
    if slug:
        design = renamed(design, slug)
    with transaction() as session:
        check_creator(session, asker_id)
        row = add_draft(session, design, asker_id=asker_id, now=now, salt=new_salt(), verb="import_challenge")
        return row.slug
