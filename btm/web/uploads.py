"""Labelled files on their way in: the few routes that take large ones, for the few people who may send them."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app, request

from btm.pages.snapshot import SnapshotStore
from btm.services.handing_over import MOST_UPLOAD
from btm.services.labelled_files import guess_format
from btm.services.machines import MachineShelf
from btm.web import identity

ENDPOINTS = frozenset(
    {
        "console_work.train",
        "console_work.evaluate",
        "console_audits.start",
        "console_rounds.start",
        "console_payouts.reconcile",
        "console_pool.start",
    }
)
MEGABYTES = MOST_UPLOAD // 1_000_000
"""What pages say of the limit."""
FORMS = frozenset({"console_writing.save"})
MOST_FORM = 6_000_000
"""Bytes of a form of long texts: fifty pages of a test, in whatever script."""
AROUND = 10_000_000
"""Bytes beyond the limit that are still read, so that a file that is a little too large is refused in words."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came with a form, and the format that its name or its first bytes tell."""

    data: bytes
    name: str
    format: str


def allow_large_files() -> None:
    """Raise the limit of a request's size, for modelers on the routes that take files or long forms. Must run before the form is read."""
    member = identity.current_member()
    if member is None or not (member.is_modeler or member.is_admin):
        return
    if request.endpoint in ENDPOINTS:
        request.max_content_length = MOST_UPLOAD + AROUND
    elif request.endpoint in FORMS:
        request.max_content_length = request.max_form_memory_size = MOST_FORM


def read(field: str = "data") -> Upload | None:
    """The file under a field of the form, or None where none was chosen."""
    file = request.files.get(field)
    if file is None or not file.filename:
        return None
    data = file.read()
    return Upload(data, file.filename, guess_format(file.filename, data[:64]))


def snapshots() -> SnapshotStore:
    """Where uploaded files are kept until the work is done."""
    store: SnapshotStore = current_app.extensions["btm_snapshots"]
    return store


def shelf() -> MachineShelf:
    """Where machines are loaded from."""
    return MachineShelf(snapshots(), current_app.extensions["btm_settings"].machine_dir)
