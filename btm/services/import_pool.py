"""Import a set of pages, labelled or not, into a challenge's pool, now or in the background; and put more of it up for judgement."""

from __future__ import annotations

import io
from collections.abc import Iterable
from datetime import datetime

from btm.pages.snapshot import SnapshotStore
from btm.rules.errors import Conflict, Invalid, TooMany
from btm.rules.repeated_labelling import LMU, RANKINGS
from btm.services import bell
from btm.services.labelled_files import rows_of
from btm.services.machines import MachineShelf
from btm.services.modelling import get_modelled
from btm.services.pooling import MOST_ROWS, Pooled, keep_rows, put_up_best
from btm.services.read_labelled import LabelledPage, Progress
from btm.services.recording import record
from btm.services.wording import one_line
from btm.store import challenges, imported, tasks
from btm.store.tables_machines import DbTask
from btm.store.transaction import transaction

MOST_UPLOAD = 50_000_000
"""The most bytes that a pool may have when it comes through the web."""
MOST_OPEN = 4


def import_pool(
    slug: str,
    rows: Iterable[LabelledPage],
    *,
    ranking: str = LMU,
    most: int = 1000,
    asker_id: int | None,
    shelf: MachineShelf,
    snapshots: SnapshotStore,
    now: datetime,
    progress: Progress | None = None,
) -> Pooled:
    """Keep pages in the pool, and put up those where a label pays most (ranking: lu, mu or lmu), at most `most`.

    A text that is there already is passed over, so doing this twice is the same as once. asker_id: None for the operator. Raises
    NotFound, Forbidden, Invalid (field `data`, `ranking` or `most`), and Conflict (`machine_away`).
    """
    check(ranking, most)
    chosen = list(rows)
    if not chosen:
        raise Invalid("There is no usable row in this file.", field="data")
    if len(chosen) > MOST_ROWS:
        raise Invalid(f"A file may hold {MOST_ROWS:,} pages. Split it, and import the parts.", field="data")
    made = keep_rows(
        slug, chosen, ranking=ranking, most=most, asker_id=asker_id, shelf=shelf, snapshots=snapshots, now=now,
        progress=progress,
    )  # fmt: skip
    if made is None:
        raise LookupError("nobody else can hold what runs here")
    return made


def start_pool_import(
    slug: str,
    data: bytes,
    *,
    format: str,
    ranking: str = LMU,
    most: int = 1000,
    data_name: str,
    asker_id: int,
    snapshots: SnapshotStore,
    now: datetime,
    new_id: str,
) -> str:
    """Have a file (format csv or jsonl: url, text or html, and labels if there are any) imported in the background. Returns the task's
    public id. Raises as `import_pool`, and TooMany."""
    check(ranking, most)
    if len(data) > MOST_UPLOAD:
        raise Invalid(
            f"This file has more than {MOST_UPLOAD // 1_000_000} MB. Import it from the command line instead.",
            field="data",
        )
    next(rows_of(io.BytesIO(data), format, labelled=False))
    name = one_line(data_name.replace("\\", "/").rpartition("/")[2], 120) or "a file"
    with transaction() as session:
        challenge = get_modelled(session, slug, asker_id)
        if tasks.count_open(session, challenge.id) >= MOST_OPEN:
            raise TooMany("Several files of this challenge are being worked on. Wait until one is done.")
        todo = {
            "data": snapshots.put(data), "format": format, "data_name": name, "ranking": ranking, "most": most,
        }  # fmt: skip
        row = DbTask(
            public_id=new_id, kind="pool", state="queued", message="Waiting for a worker", input=todo, result={},
            fence=0, wake_at=now, challenge_id=challenge.id, created_by=asker_id, created_at=now,
        )  # fmt: skip
        session.add(row)
        session.flush()
        row_id = row.id
        record(session, challenge, "start_pool", asker_id, now, task=new_id, data=name)
    bell.ring("task", row_id)
    return new_id


def put_up_more(
    slug: str, *, ranking: str = LMU, most: int = 1000, asker_id: int | None, now: datetime
) -> int:
    """Put up more pages of the pool, those where a label pays most. Returns how many.

    Raises NotFound, Forbidden, Invalid, and Conflict: `nothing_left`, or `budget_spent` where the free budget pays judges for no page.
    """
    check(ranking, most)
    with transaction() as session:
        challenge = challenges.lock_challenge(session, get_modelled(session, slug, asker_id).id)
        if not imported.waiting(session, challenge.id, 1):
            raise Conflict("No page of the pool waits to be put up. Import some first.", code="nothing_left")
        count = put_up_best(session, challenge, ranking, most, now)
        if not count:
            raise Conflict(
                "The free budget does not pay judges for one more page. Fund the challenge first.",
                code="budget_spent",
            )
        record(session, challenge, "put_up_pool", asker_id, now, put_up=count, ranking=ranking)
    return count


def check(ranking: str, most: int) -> None:
    """Raises Invalid (field `ranking` or `most`)."""
    if ranking not in RANKINGS:
        raise Invalid(f"Pages are ordered by {', '.join(RANKINGS[:-1])} or {RANKINGS[-1]}.", field="ranking")
    if not 0 <= most <= MOST_ROWS:
        raise Invalid(f"Put up 0 to {MOST_ROWS:,} pages.", field="most")
