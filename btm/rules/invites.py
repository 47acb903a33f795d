"""Invites: what may be asked for, and whether one still lets anybody in."""

from __future__ import annotations

from datetime import datetime

from btm.rules.errors import Invalid

MOST_USES = 10_000
MOST_DAYS = 365
MOST_NOTE = 200


def check_invite(kind: str, most_uses: int, days: int | None, note: str) -> None:
    """Raises Invalid with the field to blame."""
    if kind not in ("play", "judge"):
        raise Invalid("Choose whether people play or judge.", field="kind")
    if not 1 <= most_uses <= MOST_USES:
        raise Invalid(f"An invite lets in from 1 to {MOST_USES:,} people.", field="most_uses")
    if days is not None and not 1 <= days <= MOST_DAYS:
        raise Invalid(f"An invite lasts from 1 to {MOST_DAYS} days. Leave it empty for no end.", field="days")
    if len(note) > MOST_NOTE:
        raise Invalid(f"A note has {MOST_NOTE} characters at most.", field="note")


def why_not(
    used: int, most_uses: int, expires_at: datetime | None, revoked_at: datetime | None, now: datetime
) -> str:
    """Why an invite lets nobody new in, as a sentence; empty where it does."""
    if revoked_at is not None:
        return "This invite was taken back."
    if expires_at is not None and now >= expires_at:
        return "This invite has run out."
    if used >= most_uses:
        return "Everybody's places in this invite are taken."
    return ""
