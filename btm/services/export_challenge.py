"""A challenge as a file, to keep, to change, and to import elsewhere."""

from __future__ import annotations

from btm.services.authoring import design_of, get_authored
from btm.services.challenge_files import write_challenge_file
from btm.store.transaction import reading


def export_challenge(slug: str, *, asker_id: int | None) -> str:
    """The challenge's YAML. Raises NotFound, Forbidden."""
    with reading() as session:
        return write_challenge_file(design_of(get_authored(session, slug, asker_id)))
