"""Days in SQL, on either database."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Date, cast, func, literal
from sqlalchemy.orm import Session


def day_of(session: Session, moment: Any) -> ColumnElement[Any]:
    """The day of a moment, in UTC. SQLite answers with its text."""
    if session.get_bind().dialect.name == "postgresql":
        return cast(func.timezone(literal("UTC"), moment), Date)
    return func.date(moment)
