"""How Alembic reaches the database: through the application that is running (`flask --app app db ...`, or `python app.py`)."""

from __future__ import annotations

from typing import Any

from alembic import context
from flask import current_app

from btm.store.database import UtcDateTime
from btm.store.tables import Base

MIGRATING = 0x62746D_0001
"""The number of our lock, among all those that anybody takes in this database."""


def write_type(kind: str, item: Any, autogen: Any) -> str | bool:
    """Write our own column types as the plain ones that they are in the database."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def leave_out_empty(_context: Any, _revision: Any, directives: list[Any]) -> None:
    """Write no revision where nothing has changed."""
    if getattr(context.config.cmd_opts, "autogenerate", False) and directives[0].upgrade_ops.is_empty():
        directives[:] = []


def run() -> None:
    """Bring one database from its revision to the one asked for, in one transaction."""
    engine = current_app.extensions["migrate"].db.engine
    with engine.connect().execution_options(btm_write=True) as connection:
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_as_batch=True,
            render_item=write_type,
            process_revision_directives=leave_out_empty,
            compare_type=True,
        )
        with context.begin_transaction():
            if (
                connection.dialect.name == "postgresql"
            ):  # of servers that start at once, one migrates and the others wait
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({MIGRATING})")
            context.run_migrations()


if context.is_offline_mode():
    raise SystemExit("Migrations run against a database; give one by BTM_DATABASE_URL.")
run()
