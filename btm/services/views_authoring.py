"""A challenge as those see it who write it. Plain, frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from btm.rules.checklist import Missing
from btm.rules.design import Design
from btm.rules.worked_example import WorkedExample
from btm.services.views_challenges import ChallengeView


@dataclass(frozen=True, slots=True)
class FittingMachine:
    """A version whose labels are those of the challenge. Its newest is there with it."""

    name: str
    version: str
    kind: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class AuthoringView:
    """Everything that the pages of writing a challenge show. missing: what it lacks, musts and advice. preset: "" where the rules are
    somebody's own. example: None while it has no target yet. has_work: whether labels and target are fixed. preview: as players
    will see it."""

    slug: str
    state: str
    revision: int
    design: Design
    missing: tuple[Missing, ...]
    machines: tuple[FittingMachine, ...]
    preset: str
    example: WorkedExample | None
    has_work: bool
    has_been_live: bool
    free_budget: int
    topic_mates: tuple[str, ...]
    created_at: datetime
    edited_at: datetime | None
    edited_by: str
    preview: ChallengeView
    may_create: bool

    @property
    def is_ready(self) -> bool:
        """Whether nothing is missing that must be there."""
        return not any(each.is_must for each in self.missing)


@dataclass(frozen=True, slots=True)
class AuthoredRow:
    """A challenge in the list of those that somebody models, drafts and archived ones included. stopped: why a live one takes no pages
    by its own conditions, in words, or an empty string."""

    slug: str
    state: str
    mode: str
    title: str
    topic: str
    machine: str
    revision: int
    created_at: datetime
    stopped: str = ""


@dataclass(frozen=True, slots=True)
class Starter:
    """A ready starting point for a new challenge. is_shipped: whether it is one of those that come with the product, whole."""

    name: str
    title: str
    sentence: str
    labels: tuple[str, ...]
    is_shipped: bool = False
