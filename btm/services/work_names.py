"""What a piece of work is about, in words that a person can look up. Shared by the services and what runs them."""

from __future__ import annotations

from btm.store import operations
from btm.store.transaction import reading

OF_SUBMISSIONS = ("examine", "place", "recheck")
OF_ITEMS = ("settle", "reconsider")


def find_submission_of(kind: str, row_id: int) -> str | None:
    """The public id of the submission that a bell rang for; None where it was about something else."""
    if kind not in (*OF_SUBMISSIONS, *OF_ITEMS):
        return None
    with reading() as session:
        return operations.submission_name(session, row_id, is_item=kind in OF_ITEMS)
