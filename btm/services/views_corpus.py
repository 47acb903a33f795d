"""What was found, as pages, API and CLI see it. Plain, frozen values without behaviour that needs a database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from btm.services.views_challenges import ChallengeCard, ChallengeView, LabelView


@dataclass(frozen=True, slots=True)
class FindView:
    """A verified error on the public page of finds. `link` is empty where the category is harmful: the URL is text only."""

    public_id: str
    title: str
    url_text: str
    link: str
    host: str
    truth: LabelView
    machine_said: LabelView
    belief: float
    severity: float
    novelty: float
    points: int
    finder: str
    settled_at: datetime


@dataclass(frozen=True, slots=True)
class FindsPage:
    challenge: ChallengeView
    finds: tuple[FindView, ...]
    total: int
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class ConsoleRow:
    """A challenge as its modeler sees it in the console. Each probe is in one of the states counted: `underway` (waiting for
    the machine, or being read), refused, quoted, withdrawn, in review, confirmed, rejected, undecided."""

    card: ChallengeCard
    probes: int
    refused: int
    underway: int
    quoted: int
    withdrawn: int
    in_review: int
    confirmed: int
    rejected: int
    undecided: int
    points_paid: int
    points_reserved: int
    budget: int
