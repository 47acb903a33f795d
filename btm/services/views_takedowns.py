"""What the pages and the command line are told of takedowns."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class TombstoneView:
    """One page that was taken down. `name` is the id that it was known by; `takedown` names what it went with; `by` is empty for the
    operator; `was_find`: it was a verified error; `is_done`: the bytes are gone too, or, where `is_kept`, another page has the same."""

    name: str
    takedown: str
    reason: str
    note: str
    at: datetime
    by: str
    everywhere: bool
    was_find: bool
    is_done: bool
    is_kept: bool


@dataclass(frozen=True, slots=True)
class TakedownsView:
    """A challenge's tombstones, newest first."""

    slug: str
    tombstones: tuple[TombstoneView, ...]
    cursor: str | None
