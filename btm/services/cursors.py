"""Where a page of a list goes on. Shared by the services."""

from __future__ import annotations

from btm.rules.errors import Invalid


def read_cursor(cursor: str | None) -> int | None:
    """The row id in a cursor, or None for the first page. Raises Invalid for anything else."""
    if cursor is None or cursor == "":
        return None
    if not cursor.isascii() or not cursor.isdigit() or len(cursor) > 18:
        raise Invalid(
            "This link to the next page is broken. Start again from the first page.", field="cursor"
        )
    return int(cursor)
