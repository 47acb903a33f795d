"""Ledgers and leaderboards, as pages, API and CLI see them. Plain, frozen values without behaviour that needs a database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from btm.services.views_challenges import ChallengeCard


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """One entry of somebody's ledger. `points` is signed. `kind` is bonus, judging, base, deadline, reversal or payout."""

    at: datetime
    kind: str
    reason: str
    points: int
    challenge_slug: str
    challenge_title: str
    submission: str | None


@dataclass(frozen=True, slots=True)
class Statement:
    """A player's money: waiting (promised if peers agree), approved (earned), paid (left for outside)."""

    waiting: int
    approved: int
    paid: int
    points_per_usd: int
    lines: tuple[LedgerLine, ...]
    next_cursor: str | None
    finds: int
    probes: int
    judgements: int


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
