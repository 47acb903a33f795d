"""Batches of payments, as pages, API and CLI see them. Plain, frozen values without behaviour that needs a database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from btm.services.views_money import HeldView


@dataclass(frozen=True, slots=True)
class PayoutView:
    """One payment: `reference` is the platform's name for it, `key` ours. `parts`: points by challenge."""

    account_id: int
    handle: str
    worker: str
    key: str
    cents: int
    points: int
    state: str
    reference: str
    note: str
    tries: int
    tried_at: datetime | None
    settled_at: datetime | None


@dataclass(frozen=True, slots=True)
class CountView:
    """How many payments of a batch stand in a state, and what they come to."""

    state: str
    number: int
    cents: int
    points: int


@dataclass(frozen=True, slots=True)
class DifferenceView:
    """Where the platform, or the bank, says otherwise than our rows. kind: missing, unexpected, reference, amount or unknown."""

    key: str
    handle: str
    kind: str
    ours: str
    theirs: str


@dataclass(frozen=True, slots=True)
class BatchView:
    """A batch. `is_busy`: a worker has something to do for it. `payouts` and `held` are filled where one batch is
    shown. `held`: finds that were left out when it was frozen, because their pages had to be looked at again; at most 200 of them."""

    public_id: str
    platform: str
    state: str
    cutoff: datetime
    least_cents: int
    cents: int
    points: int
    number: int
    counts: tuple[CountView, ...]
    message: str
    differences: tuple[DifferenceView, ...]
    is_busy: bool
    pays_by_file: bool
    may: tuple[str, ...]
    """What may be done next: approve, pay, retry, give_back, reconcile, cancel, file."""
    created_by: str
    created_at: datetime
    frozen_by: str
    frozen_at: datetime | None
    approved_by: str
    approved_at: datetime | None
    paid_at: datetime | None
    reconciled_at: datetime | None
    cancelled_at: datetime | None
    held_pages: int = 0
    held_points: int = 0
    payouts: tuple[PayoutView, ...] = ()
    next_cursor: str | None = None
    held: tuple[HeldView, ...] = ()


@dataclass(frozen=True, slots=True)
class BatchPage:
    """A page of batches, newest first."""

    batches: tuple[BatchView, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class PayeeView:
    """What somebody would be paid."""

    account_id: int
    handle: str
    worker: str
    cents: int
    points: int


@dataclass(frozen=True, slots=True)
class PayableView:
    """What freezing would take now: those who reach the least sum, how many do not, and what would be held: finds whose pages have to be
    looked at again first (at most 200 of them), how many there are, and their points."""

    platform: str
    cutoff: datetime
    least_cents: int
    payees: tuple[PayeeView, ...]
    cents: int
    points: int
    below: int
    held: tuple[HeldView, ...] = ()
    held_pages: int = 0
    held_points: int = 0
