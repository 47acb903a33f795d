"""Import a set of pages, labelled or not, into a challenge's pool, now or in the background; and put more of it up for judgement."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from btm.pages.snapshot import SnapshotStore
from btm.rules.errors import Conflict, Invalid
from btm.rules.repeated_labelling import LMU, RANKINGS
from btm.services import bell
from btm.services.handing_over import check_file, check_room, file_name, hand_over
from btm.services.machines import MachineShelf
from btm.services.modelling import get_modelled
from btm.services.pooling import MOST_ROWS, Pooled, keep_rows, put_up_best
from btm.services.read_labelled import LabelledPage, Progress
from btm.services.recording import record
from btm.store import challenges, imported
from btm.store.transaction import reading, transaction

OTHERWISE = "Import it from the command line instead."


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
    with reading() as session:
        get_modelled(session, slug, asker_id)  # before rows are read, of which each may have to be fetched
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
    check_file(data, format, labelled=False, otherwise=OTHERWISE)
    name = file_name(data_name)
    with reading() as session:
        check_room(session, get_modelled(session, slug, asker_id))
    todo = {
        "data": snapshots.put(data), "format": format, "data_name": name, "ranking": ranking, "most": most,
    }  # fmt: skip
    with transaction() as session:
        challenge = get_modelled(session, slug, asker_id)
        check_room(session, challenge)
        row_id = hand_over(session, challenge, "pool", todo, asker_id=asker_id, now=now, public_id=new_id)
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
