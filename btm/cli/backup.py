"""`flask --app app btm backup` and `restore`."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import click
from flask import current_app

from btm.cli.words import Bar, plainly
from btm.services import back_up, restore_backup

FOLDER = click.argument("folder", type=click.Path(path_type=Path))
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Write the backup's manifest as JSON.")


@click.command("backup")
@FOLDER
@AS_JSON
@plainly
def backup(folder: Path, as_json: bool) -> None:
    """Write the whole instance, as it is now, into a new folder. People may go on playing.

    Ends with exit code 1, and names them, where snapshots are damaged: they are left out, everything else is written.

    \b
    Example: flask --app app btm backup /backups/2026-11-26
    """
    with Bar("Writing") as bar:
        made = back_up.back_up(
            folder, snapshots=current_app.extensions["btm_snapshots"], now=datetime.now(UTC), progress=bar
        )
    _tell(made, as_json, f"written to {folder}")
    if made["damaged"]:
        click.echo(
            f"Damaged, and left out: {len(made['damaged'])} of the snapshots. Look for them in an earlier backup:\n"
            + "\n".join(made["damaged"]),
            err=True,
        )
        sys.exit(1)


@click.command("restore")
@FOLDER
@AS_JSON
@plainly
def restore(folder: Path, as_json: bool) -> None:
    """Read a backup into an empty database (flask --app app db upgrade makes one), on SQLite or PostgreSQL, whichever it came from.

    \b
    Example: flask --app app btm restore /backups/2026-11-26
    """
    with Bar("Reading") as bar:
        made = restore_backup.restore_backup(
            folder, snapshots=current_app.extensions["btm_snapshots"], progress=bar
        )
    _tell(made, as_json, f"restored from {folder}")


def _tell(made: dict[str, object], as_json: bool, what: str) -> None:
    if as_json:
        click.echo(json.dumps(made))
        return
    tables = made["tables"]
    count = sum(table["rows"] for table in tables.values()) if isinstance(tables, dict) else 0
    click.echo(f"{count:,} rows and {made['snapshots']:,} snapshots {what}")
