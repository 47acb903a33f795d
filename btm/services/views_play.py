"""Submissions and quotes, as pages, API and CLI see them. Plain, frozen values without behaviour that needs a database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from btm.services.views_challenges import LabelView


@dataclass(frozen=True, slots=True)
class BeliefView:
    """What the machine believes: its likeliest label, how likely (0 to 1), and a word for it that a newcomer knows."""

    label: LabelView
    probability: float
    sure: str
    out_of_100: int


@dataclass(frozen=True, slots=True)
class NeighbourView:
    """A find like this one. `public_id` is None where its page is not public."""

    title: str
    host: str
    similarity: float
    public_id: str | None


@dataclass(frozen=True, slots=True)
class QuoteView:
    """What a submission would pay, itemised: points = round(max_bonus * severity_factor * novelty * prevalence)."""

    points: int
    max_bonus: int
    points_per_usd: int
    belief: BeliefView
    claimed: LabelView
    severity: float
    severity_factor: float
    novelty: float
    prevalence: float
    similar_found: int
    neighbours: tuple[NeighbourView, ...]


@dataclass(frozen=True, slots=True)
class RefusalView:
    """Why a submission ended early: what happened, and what to do next. `repeats` names the submission it repeats, if public."""

    code: str
    headline: str
    sentence: str
    next_step: str
    repeats: str | None = None
    repeats_url: str = ""


@dataclass(frozen=True, slots=True)
class OutcomeView:
    """How verification stands. `verdict` is None while it is under way; then points and a reason are there."""

    judgements: int
    judgements_wanted: int
    verdict: LabelView | None
    points: int
    reason: str
    settled_at: datetime | None
    deadline_at: datetime | None


@dataclass(frozen=True, slots=True)
class SubmissionView:
    """One submission as its player sees it. `state` is one of btm.rules.submissions.STATES; `step` is fetching, reading or asking,
    or waiting while its machine does not answer."""

    public_id: str
    challenge_slug: str
    challenge_title: str
    url: str
    host: str
    title: str
    state: str
    step: str
    created_at: datetime
    expires_at: datetime | None
    is_mine: bool
    may_commit: bool
    needs_account: bool
    quote: QuoteView | None = None
    refusal: RefusalView | None = None
    outcome: OutcomeView | None = None
