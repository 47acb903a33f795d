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
