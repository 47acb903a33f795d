"""Ledgers and leaderboards, as pages, API and CLI see them. Plain, frozen values without behaviour that needs a database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from btm.rules.budget import Forecast, Pots
from btm.rules.reward_search import Ratio, Seen, Terms
from btm.rules.stops import Stops
from btm.services.views_challenges import ChallengeCard


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """One entry of somebody's ledger. `points` is signed. `kind` is bonus, judging, base, deadline, reversal or payout.
    `points_per_usd`: what they are worth in their challenge; 0 where they are for points only."""

    at: datetime
    kind: str
    reason: str
    points: int
    challenge_slug: str
    challenge_title: str
    submission: str | None
    points_per_usd: int = 0


@dataclass(frozen=True, slots=True)
class WorthView:
    """Points in whole cents, each challenge's at its own rate, rounded down; `for_fame`: points that are never paid out."""

    waiting: int = 0
    approved: int = 0
    paid: int = 0
    for_fame: int = 0


@dataclass(frozen=True, slots=True)
class HeldView:
    """A find whose points wait. why: `unseen` (its page was not looked at again yet), `changed` (another page was found there since) or
    `desk` (a modeler decides what it is); `words` says the same. `until`: from then on they wait no more. `looked_at`, `similarity`
    (of the texts, 0 to 1): the last time that the page was fetched again. `item`: its page at the desk."""

    submission: str
    slug: str
    handle: str
    title: str
    host: str
    points: int
    why: str
    words: str
    until: datetime
    looked_at: datetime | None = None
    similarity: float | None = None
    item: str = ""


@dataclass(frozen=True, slots=True)
class HeldPage:
    """What waits in a challenge: the first of the pages, how many there are, and their points. `is_all`: whether all were counted."""

    held: tuple[HeldView, ...]
    pages: int
    points: int
    is_all: bool


@dataclass(frozen=True, slots=True)
class HeldSum:
    """Points of somebody that wait: of how many pages, and when the last of them waits no more at the latest."""

    points: int = 0
    pages: int = 0
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """A player's money: waiting (promised if peers agree), approved (earned), paid (left for outside). `points_per_usd` is what new
    challenges pay unless they say otherwise; `cents` is what the sums are worth. Of what is approved, `unseen` is paid out once the pages
    were looked at again, and `changed` once somebody has said what became of pages at whose addresses another one was found."""

    waiting: int
    approved: int
    paid: int
    points_per_usd: int
    lines: tuple[LedgerLine, ...]
    next_cursor: str | None
    finds: int
    probes: int
    judgements: int
    cents: WorthView = WorthView()
    unseen: HeldSum = HeldSum()
    changed: HeldSum = HeldSum()


@dataclass(frozen=True, slots=True)
class LeaderRow:
    rank: int
    handle: str
    points: int
    finds: int
    is_me: bool


@dataclass(frozen=True, slots=True)
class Leaderboard:
    """`period` is week or all; `challenge` is None for the overall board."""

    period: str
    challenge: ChallengeCard | None
    rows: tuple[LeaderRow, ...]
    me: LeaderRow | None


@dataclass(frozen=True, slots=True)
class DayView:
    """What workers earned on one day, in points. `is_whole`: whether the day is over."""

    day: date
    points: int
    is_whole: bool


@dataclass(frozen=True, slots=True)
class BudgetView:
    """A challenge's money for those who pay for it. `days`: the last days, oldest first; `to_spend`: points that may still be
    promised within its own conditions, which is what the forecast goes by; `stopped`: why it takes no pages by them, in words, or an
    empty string."""

    slug: str
    title: str
    points_per_usd: int
    pots: Pots
    found: int
    days: tuple[DayView, ...]
    to_spend: int
    forecast: Forecast | None
    stops: Stops
    stopped: str


@dataclass(frozen=True, slots=True)
class ActView:
    """A privileged act. `actor` is empty for the operator and for background work."""

    id: int
    at: datetime
    actor: str
    verb: str
    subject: str
    detail: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ActPage:
    """A page of acts, newest first."""

    acts: tuple[ActView, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class StepView:
    """A step of a search: its reward, what came, and that as shares of the first step's (None for the first). verdict: first, kept,
    pace, quality, too_few, or an empty string while it goes on."""

    value: int
    seen: Seen
    pace: Ratio | None
    quality: Ratio | None
    verdict: str
    started_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class SearchView:
    """A search for the lowest reward that works. state: running, found or stopped."""

    state: str
    message: str
    terms: Terms
    created_at: datetime
    ended_at: datetime | None
    steps: tuple[StepView, ...]
