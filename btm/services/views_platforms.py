"""Work on platforms, who arrives for it, and invites, as pages and CLI see them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from btm.services.views_challenges import ChallengeView


@dataclass(frozen=True, slots=True)
class WorkView:
    """Work on a platform as a modeler sees it. `counts`: assignments by state."""

    public_id: str
    platform: str
    platform_title: str
    challenge_slug: str
    kind: str
    title: str
    description: str
    pieces: int
    places: int
    reward_cents: int
    minutes: int
    state: str
    trouble: str
    page: str
    cost_cents: int | None
    created_at: datetime
    closed_at: datetime | None
    counts: Mapping[str, int] = field(default_factory=dict)

    @property
    def taken(self) -> int:
        """Assignments that somebody holds or has handed in."""
        return sum(count for state, count in self.counts.items() if state != "gone")


@dataclass(frozen=True, slots=True)
class AssignmentRow:
    """One assignment as a modeler sees it. `is_short`: handed in with less done here than was asked."""

    public_id: str
    worker: str
    handle: str
    state: str
    done: int
    pieces: int
    is_known: bool | None
    is_short: bool
    trouble: str
    arrived_at: datetime


@dataclass(frozen=True, slots=True)
class ArrivalView:
    """The first page of a task: what it is, before anybody takes it."""

    public_id: str
    platform: str
    platform_title: str
    kind: str
    title: str
    pieces: int
    reward_cents: int
    minutes: int
    is_open: bool
    challenge: ChallengeView
    is_harmful: bool


@dataclass(frozen=True, slots=True)
class AssignmentView:
    """An assignment as the one who works on it sees it. `is_over`: no more can be done for it here."""

    id: int
    account_id: int
    platform: str
    platform_title: str
    external_id: str
    kind: str
    slug: str
    topic: str
    title: str
    pieces: int
    done: int
    state: str
    reward_cents: int
    deadline_at: datetime
    is_over: bool
    completion_code: str

    @property
    def is_enough(self) -> bool:
        return self.done >= self.pieces or self.state in ("done", "submitted", "approved")


@dataclass(frozen=True, slots=True)
class InviteView:
    """A link for somebody's own crowd. `why_not` says why it lets nobody in, where it does not."""

    code: str
    kind: str
    note: str
    used: int
    most_uses: int
    expires_at: datetime | None
    revoked_at: datetime | None
    created_at: datetime
    why_not: str
    challenge_slug: str
    challenge_title: str
