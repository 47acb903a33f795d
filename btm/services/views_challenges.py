"""Challenges, their labels and briefs, and machines, as pages, API and CLI see them. Plain, frozen values without behaviour that needs a database."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class LabelView:
    """One label: `name` for a button ("About drugs"), `statement` for the machine's sentence ("this page is about drugs")."""

    key: str
    name: str
    statement: str
    help: str = ""


@dataclass(frozen=True, slots=True)
class ExampleView:
    text: str
    why: str


@dataclass(frozen=True, slots=True)
class BriefView:
    """What a challenge asks for, in words. `question` is what a verifier is asked about a page."""

    summary: str
    question: str
    counts: tuple[ExampleView, ...]
    counts_not: tuple[ExampleView, ...]


@dataclass(frozen=True, slots=True)
class ChallengeCard:
    """One line of the challenge list. Points are whole; `points_per_usd` turns them into money."""

    slug: str
    title: str
    sought: str
    target: LabelView
    machine_name: str
    machine_version: str
    max_bonus: int
    points_per_usd: int
    judging_price: int
    is_open: bool
    is_harmful: bool
    found: int
    in_review: int
    budget_left: int
    created_at: datetime
    last_found_at: datetime | None
    mode: str = "beat"
    """beat, or collect while there is no machine yet; then the machine's name is empty."""
    state: str = "live"
    ends_at: datetime | None = None
    """When it stops taking pages, if a day was set."""
    stopped: str = ""
    """Why it stopped by its own conditions, in words, or an empty string."""


@dataclass(frozen=True, slots=True)
class LearnedView:
    """What the machine that plays has learned in the round that it comes from: so many holes are closed, with their names."""

    closed: int
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NeedView:
    """How one label's examples stand: asked for, verified, waiting for their verdict. `want` (0 to 1) is how much it is wanted now,
    `pays` what a wholly new page of it would bring, in points."""

    label: LabelView
    asked: int
    verified: int
    waiting: int
    want: float
    pays: int


@dataclass(frozen=True, slots=True)
class ChallengeView:
    card: ChallengeCard
    brief: BriefView
    labels: tuple[LabelView, ...]
    verdict_days: int
    learned: LearnedView | None = None
    needs: tuple[NeedView, ...] = ()
    """What is still wanted, label by label, where examples are collected."""


@dataclass(frozen=True, slots=True)
class MachineView:
    """A machine and its card (data, licence, metrics, blind spots) for anyone to read."""

    name: str
    version: str
    labels: tuple[str, ...]
    card: dict[str, object] = field(default_factory=dict)
    challenges: tuple[ChallengeCard, ...] = ()
