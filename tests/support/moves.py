"""Every change of a row's state, written down by the database itself, whoever makes it and by whatever statement. SQLite only."""

from __future__ import annotations

from sqlalchemy import text

from btm.store.database import db

from .databases import rows

WATCHED = ("submission", "review_item", "payout_batch", "payout", "challenge")
Move = tuple[str, str]


def watch_moves() -> None:
    """From now on each move of a watched table is kept, until it is rolled back with what made it. What was kept before is forgotten."""
    with db.engine.begin() as connection:
        connection.execute(
            text("CREATE TABLE IF NOT EXISTS watched_move (of_table TEXT, row INTEGER, old TEXT, new TEXT)")
        )
        connection.execute(text("DELETE FROM watched_move"))
        for table in WATCHED:
            connection.execute(
                text(
                    f"CREATE TRIGGER IF NOT EXISTS watch_{table} AFTER UPDATE OF state ON {table} WHEN old.state <> new.state "
                    f"BEGIN INSERT INTO watched_move VALUES ('{table}', new.id, old.state, new.state); END"
                )
            )


def moves_of(table: str) -> set[Move]:
    """The moves that rows of a table have made."""
    found = rows("SELECT DISTINCT old, new FROM watched_move WHERE of_table = :of", of=table)
    return {(str(old), str(new)) for old, new in found}
