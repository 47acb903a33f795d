"""What judges see. Plain, frozen values without behaviour that needs a database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from btm.services.views_challenges import ChallengeCard, ChallengeView, LabelView


@dataclass(frozen=True, slots=True)
class BlockView:
    """A piece of a page's text: kind is title, h1 to h6, p, li, quote, code or cell."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class ItemView:
    """A review item under lease. It says nothing of the machine, of the player, or of where it came from."""

    public_id: str
    token: str
    title: str
    host: str
    language: str
    blocks: tuple[BlockView, ...]
    lease_expires_at: datetime


@dataclass(frozen=True, slots=True)
class QualificationItem:
    number: int
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class JudgingView:
    """The judge's page. `item` is None when nothing waits that this person could judge.

    `challenge` speaks for all that are judged together, whichever of them the item is of, so that it gives nothing away;
    `is_covered`: the text is shown when asked for. The card's figures are not asked for, and 0.
    """

    challenge: ChallengeView
    item: ItemView | None
    is_covered: bool
    price: int
    judged_today: int
    earned_today: int
    pause_seconds: float = 0.0
    """An honest pause before the next answer counts, for judges who were told why; 0 for nearly everybody."""
    check: QualificationItem | None = None
    """One question of the test to answer again before going on, or None."""


@dataclass(frozen=True, slots=True)
class JudgingOffer:
    """Challenges that are judged together: the one that speaks for them, qualified or not, and how many items wait for this
    person (`is_more`: and more than that). The card's figures are not asked for, and 0."""

    card: ChallengeCard
    question: str
    is_covered: bool
    is_qualified: bool
    waiting: int
    is_more: bool = False


@dataclass(frozen=True, slots=True)
class QualificationAnswer:
    item: QualificationItem
    given: LabelView | None
    truth: LabelView
    why: str
    is_right: bool


@dataclass(frozen=True, slots=True)
class QualificationView:
    """The short test that makes a player a verifier of one challenge. `answers` is filled after it was taken."""

    challenge: ChallengeView
    items: tuple[QualificationItem, ...]
    pass_mark: int
    is_qualified: bool
    retry_at: datetime | None
    is_covered: bool = False
    answers: tuple[QualificationAnswer, ...] = ()
    passed: bool | None = None
