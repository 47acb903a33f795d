"""What it takes to get people through a platform: put work up, know who arrives, send them back, approve what they did."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from btm.platforms.platform import Platform


@dataclass(frozen=True, slots=True)
class Requirements:
    """Who may take the work. Percent and counts are the platform's own figures about a worker; `countries` are two-letter codes;
    `qualification` is the platform's id of our own qualification type, or empty."""

    min_approval: int = 0
    min_approved: int = 0
    countries: tuple[str, ...] = ()
    qualification: str = ""


@dataclass(frozen=True, slots=True)
class Task:
    """Work to be put up. `key` is ours and names it for ever; `url` is where a worker comes in; `places` are assignments in all;
    `minutes` are how long one may take; `reward_cents` are for each assignment, bonuses apart."""

    key: str
    title: str
    description: str
    url: str
    reward_cents: int
    places: int
    minutes: int
    days: int
    completion_code: str
    keywords: tuple[str, ...] = ()
    requirements: Requirements = Requirements()


@dataclass(frozen=True, slots=True)
class Unit:
    """One piece of a published work as the platform counts it: a HIT, a study."""

    external_id: str
    places: int


@dataclass(frozen=True, slots=True)
class Published:
    """What the platform made of a task. `page` is where it can be looked at there; `cost_cents` what it says that it costs, if it does."""

    group_id: str
    units: tuple[Unit, ...]
    page: str = ""
    cost_cents: int | None = None


@dataclass(frozen=True, slots=True)
class Arrival:
    """Somebody who came by the platform, in its own ids. In a preview nobody has taken the work, so there is nobody yet."""

    worker: str = ""
    assignment: str = ""
    unit: str = ""
    is_preview: bool = False


@dataclass(frozen=True, slots=True)
class Seen:
    """An assignment as the platform has it. state: working, submitted, approved, rejected, or gone (returned, timed out)."""

    assignment: str
    worker: str
    unit: str
    state: str


@dataclass(frozen=True, slots=True)
class WayBack:
    """How somebody hands the assignment in: a form that is posted to `action` with `fields`, or, where there are none, a link.
    `code` is what they can type in by hand instead."""

    action: str
    fields: Mapping[str, str] = field(default_factory=dict)
    code: str = ""


@dataclass(frozen=True, slots=True)
class Cost:
    """What work costs beside bonuses, in cents; `note` says where the fee comes from."""

    rewards: int
    fee: int
    note: str

    @property
    def total(self) -> int:
        return self.rewards + self.fee


class Market(Platform, Protocol):
    """A platform that brings people. Every call to it raises PlatformRefused (final) or PlatformDown (try again)."""

    title: str
    """Its name as people write it."""
    frames: tuple[str, ...]
    """Origins that may show our page in a frame; none where the page is opened by itself."""
    hand_in_origins: tuple[str, ...]
    """Origins to which the finishing form may be posted."""
    tells_qualified: bool
    """Whether a qualification of ours can be given to its workers, and asked for."""

    def check_task(self, task: Task) -> None:
        """Whether the platform would take this task, as far as can be known without asking. Raises Invalid with the field to blame."""

    def estimate(self, reward_cents: int, places: int) -> Cost:
        """What so many assignments cost, before anything is published."""

    def publish(self, task: Task, *, resuming: bool = False) -> Published:
        """Put a task up. The same key again is the same work; `resuming` says that an earlier try may have got half way."""

    def close(self, units: Sequence[str]) -> None:
        """Take no new people. Whoever works may finish. Closing twice is the same as once."""

    def list_assignments(self, unit: str) -> list[Seen]:
        """Everybody who took a unit, as far as the platform tells."""

    def approve(self, assignment: str) -> None:
        """Accept an assignment, which pays its reward. Approving twice is the same as once."""

    def read_arrival(self, query: Mapping[str, str]) -> Arrival | None:
        """Who comes, from the query of our URL; None where this is no arrival from the platform."""

    def check_arrival(self, arrival: Arrival) -> bool | None:
        """Whether the platform knows this worker at this assignment, now; None where it tells only later."""

    def way_back(self, assignment: str, *, code: str, pieces: int) -> WayBack:
        """How the assignment is handed in. No call."""

    def make_qualification(self, name: str, description: str) -> str:
        """Our own qualification type of this name: made, or found. Returns the platform's id."""

    def grant(self, qualification: str, worker: str) -> None:
        """Give a worker our qualification. Granting twice is the same as once."""
