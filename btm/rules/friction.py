"""A little more to wait or to answer for judges whose labels tell little. Off by default; never an error that is none.

What a judge meets is named for what it is: a pause of so many seconds, or one more question. Design section 3.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol


class FrictionSettings(Protocol):
    """What `friction` reads of a challenge's rules."""

    @property
    def friction_share(self) -> float: ...
    @property
    def friction_seconds(self) -> float: ...
    @property
    def friction_quality(self) -> float: ...


@dataclass(frozen=True, slots=True)
class Friction:
    """A pause of `seconds`, or a question (without a pause: seconds 0) before the next page."""

    kind: Literal["wait", "question"]
    seconds: float


def friction(quality: float | None, settings: FrictionSettings, dice: float) -> Friction | None:
    """What stands before a judge's next page, if anything: a pause or a question, each half of the time.

    quality: the judge's, from 0 (tells nothing) to 1; None, not known yet, meets no friction. dice: even in [0, 1).
    """
    share = friction_share(quality, settings)
    if dice >= share:
        return None
    return Friction("wait", settings.friction_seconds) if dice < share / 2 else Friction("question", 0.0)


def friction_share(quality: float | None, settings: FrictionSettings) -> float:
    """The share of a judge's page turns that meet friction: 0 from `friction_quality` up, `friction_share` at quality 0, and
    in between in proportion to how far below the judge is."""
    most, enough = settings.friction_share, settings.friction_quality
    if quality is None or most <= 0 or quality >= enough:
        return 0.0
    return most * min(1.0, (enough - quality) / enough) if enough > 0 else 0.0
