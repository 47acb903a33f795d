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
    """What a submission would pay, itemised: points = round(max_bonus * severity_factor * novelty * prevalence).

    For an example there is no `belief`; `severity` is how much its label is wanted, `site` its registrable domain, and `site_pages` how
    many pages of that site were examples, or waited to be, when it was quoted."""

    points: int
    max_bonus: int
    points_per_usd: int
    belief: BeliefView | None
    claimed: LabelView
    severity: float
    severity_factor: float
    novelty: float
    prevalence: float
    similar_found: int
    neighbours: tuple[NeighbourView, ...]
    site: str = ""
    site_pages: int = 0


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
class SaidView:
    """One judge's answer with their own words: a reason, or what else the page is (`other`). Who said it is not told."""

    label: LabelView | None
    reason: str
    other: str


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
    said: tuple[SaidView, ...] = ()
    """What judges wrote, for the player, once there is a verdict."""
    reopened: str = ""
    """Why the page is being looked at again (appeal, judge), while it is; the verdict stands until there is a new one."""
    may_appeal: bool = False
    appeal_until: datetime | None = None
    appeal: str = ""
    """How the player's appeal stands: "", open, upheld, declined, or unanswered: nobody judged again in time, and what was promised was paid."""
    decided_by_team: bool = False
    team_reason: str = ""


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
    claimed: LabelView | None = None
    """What its player says the page is, where examples are collected."""
