"""People, as pages, API and CLI see them. Plain, frozen values without behaviour that needs a database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class AccountView:
    """Who is asking. A visitor has an account row too (so that a probe survives registration), but no name."""

    id: int
    handle: str
    is_visitor: bool
    is_modeler: bool
    is_admin: bool
    balance: int


@dataclass(frozen=True, slots=True)
class SessionView:
    id: int
    device: str
    created_at: datetime
    seen_at: datetime
    is_current: bool


@dataclass(frozen=True, slots=True)
class TokenView:
    """A personal token, without itself: it was shown once."""

    id: int
    name: str
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime
    seen_at: datetime | None


@dataclass(frozen=True, slots=True)
class BearerView:
    """Who shows a token, and what it is for."""

    token_id: int
    account_id: int
    handle: str
    is_modeler: bool
    is_admin: bool
    scopes: tuple[str, ...]
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class ErasureView:
    """What deleting an account would cost, in points: `unpaid` are not paid out, `waiting` are promised for pages in review.
    `why_not` is a sentence where it cannot be done now."""

    handle: str
    has_password: bool
    unpaid: int
    waiting: int
    points_lost: int
    why_not: str
