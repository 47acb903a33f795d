"""Sample views of what was taken down."""

from __future__ import annotations

from dataclasses import replace

from btm.services.views_takedowns import TakedownsView, TombstoneView

from .samples import before

STONE = TombstoneView(
    name="4f1c22ab90de7761", takedown="d1", reason="private", note="The woman in the picture wrote to us.", at=before(minutes=2),
    by="mira", everywhere=False, was_find=True, is_done=False, is_kept=False,
)  # fmt: skip
STONES = (
    STONE,
    replace(STONE, name="77ab", reason="illegal", note="", by="", everywhere=True, was_find=False, is_done=True, at=before(days=3)),
    replace(STONE, name="90cd", reason="rights", note="x" * 300, is_done=True, is_kept=True, at=before(days=9)),
)  # fmt: skip
TAKEN = TakedownsView("drugs", STONES, None)
NOTHING = replace(TAKEN, tombstones=())
MANY = replace(TAKEN, tombstones=tuple(replace(STONE, name=f"{n:016x}") for n in range(50)), cursor="50")
