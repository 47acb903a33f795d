"""The only clock of the pages, so that a test can stop it."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    """The present, aware and in UTC."""
    return datetime.now(UTC)
