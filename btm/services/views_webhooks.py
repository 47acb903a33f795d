"""Webhooks, as API and pages see them. Plain, frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class WebhookView:
    """An address that is told. `secret` is shown once, when it is made, and empty afterwards. state: `on`, `paused` (what happens is
    held, and told when it goes on), or `stopped` (who made it models the challenge no more). waiting, failed: how many deliveries."""

    public_id: str
    url: str
    events: tuple[str, ...]
    created_at: datetime
    secret: str = ""
    state: str = "on"
    made_by: str = ""
    waiting: int = 0
    failed: int = 0
    sent_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class DeliveryView:
    """One thing that was told, or is to be. state: waiting, sent or failed; `answer`: what the last try met with."""

    public_id: str
    event: str
    state: str
    tries: int
    answer: str
    body: str
    created_at: datetime
    tried_at: datetime | None
    next_at: datetime | None
