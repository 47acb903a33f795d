"""Long work handed to the background: the file that it is about, and its row. Shared by the services."""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from btm.rules.errors import Invalid, TooMany
from btm.services.labelled_files import rows_of
from btm.services.wording import one_line
from btm.store import tasks
from btm.store.tables_challenges import DbChallenge
from btm.store.tables_machines import DbTask
from btm.store.transaction import Session

MOST_UPLOAD = 50_000_000
"""The most bytes that a file of pages may have when it comes through the web."""
MOST_OPEN = 4
LONGEST_NAME = 120


def check_file(
    data: bytes, format: str, *, labelled: bool = True, otherwise: str, is_own: bool = False
) -> None:
    """What can be said of a file at once is said at once. otherwise: what to do with one that is too large for the web; is_own: it came
    by the command line, where any size is welcome. Raises Invalid (field `data` or `format`)."""
    if len(data) > MOST_UPLOAD and not is_own:
        raise Invalid(
            f"This file has more than {MOST_UPLOAD // 1_000_000} MB. {otherwise}",
            field="data",
        )
    next(rows_of(io.BytesIO(data), format, labelled=labelled))


def file_name(name: str) -> str:
    """A file's name as it may be shown and kept."""
    return one_line(name.replace("\\", "/").rpartition("/")[2], LONGEST_NAME) or "a file"


def check_room(session: Session, challenge: DbChallenge) -> None:
    """Raises TooMany where a challenge has as much long work under way as it may."""
    if tasks.count_open(session, challenge.id) >= MOST_OPEN:
        raise TooMany("Several files of this challenge are being worked on. Wait until one is done.")


def hand_over(
    session: Session,
    challenge: DbChallenge,
    kind: str,
    todo: Mapping[str, Any],
    *,
    asker_id: int | None,
    now: datetime,
    public_id: str,
) -> int:
    """Write down work of a kind that `run_task` knows. Returns the row's id: the bell is to be rung for it ("task") once it is
    committed."""
    row = DbTask(
        public_id=public_id, kind=kind, state="queued", message="Waiting for a worker", input=dict(todo), result={},
        fence=0, wake_at=now, challenge_id=challenge.id, created_by=asker_id, created_at=now,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row.id
