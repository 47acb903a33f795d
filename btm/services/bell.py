"""The bell: a word to the background workers that a row wants them. The row is the truth; a bell that is lost costs time only."""

from __future__ import annotations

import logging
from collections.abc import Callable

Ring = Callable[[str, int], None]
_ring: list[Ring] = []


def install(ring: Ring) -> None:
    """Say what rings: a function of the kind of work (examine, settle or task) and the row's id. The last one installed counts."""
    _ring[:] = [ring]


def ring(kind: str, row_id: int) -> None:
    """Ring, after the row was committed. Never raises: where the queue is down, the sweep finds the row."""
    for call in _ring:
        try:
            call(kind, row_id)
        except Exception:
            logging.getLogger(__name__).exception("the bell failed", extra={"kind": kind, "row": row_id})
