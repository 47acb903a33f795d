"""Labelled files on their way in: the few routes that take large ones, for the few people who may send them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath

from flask import current_app, request

from btm.pages.snapshot import FolderSnapshots
from btm.services.machines import MachineShelf
from btm.services.start_task import MOST_UPLOAD
from btm.web import identity

ENDPOINTS = frozenset({"console_work.train", "console_work.evaluate"})
AROUND = 10_000_000
"""Bytes beyond the limit that are still read, so that a file that is a little too large is refused in words."""
LINES = (".jsonl", ".ndjson", ".json")


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came with a form, and the format that its name or its first character tells."""

    data: bytes
    name: str
    format: str


def allow_large_files() -> None:
    """Raise the limit of a request's size, for modelers on the routes that take files. Must run before the form is read."""
    member = identity.current_member()
    if request.endpoint in ENDPOINTS and member is not None and (member.is_modeler or member.is_admin):
        request.max_content_length = MOST_UPLOAD + AROUND


def read(field: str = "data") -> Upload | None:
    """The file under a field of the form, or None where none was chosen."""
    file = request.files.get(field)
    if file is None or not file.filename:
        return None
    data = file.read()
    is_lines = PurePath(file.filename).suffix.lower() in LINES or data[:64].lstrip().startswith(b"{")
    return Upload(data, file.filename, "jsonl" if is_lines else "csv")


def snapshots() -> FolderSnapshots:
    """Where uploaded files are kept until the work is done."""
    return FolderSnapshots(current_app.extensions["btm_settings"].snapshot_dir)


def shelf() -> MachineShelf:
    """Where machines are loaded from."""
    return MachineShelf(snapshots(), current_app.extensions["btm_settings"].machine_dir)
