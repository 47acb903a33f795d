"""The core of measuring a version for a challenge. Shared by the services that do it now and in the background."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from btm.rules.errors import Conflict, Invalid
from btm.rules.machines import check_labels
from btm.services.machines import MachineShelf, as_page
from btm.services.measuring import keep_evaluation, measure
from btm.services.modelling import get_machine_row, get_modelled, version_views
from btm.services.presenting import host_of
from btm.services.read_labelled import LabelledPage, Progress
from btm.services.views_machines import MachineVersionView
from btm.store import machines
from btm.store.tables_challenges import DbMachine
from btm.store.transaction import reading, transaction
from classifiers.errors import MachineError

NO_PROBES = "No probe of this challenge was verified yet. Measure on a labelled file."
MOST_PROBES = 20_000


@dataclass(frozen=True, slots=True)
class Measured:
    """The version that was measured, on how many pages, and the evaluation that was kept."""

    machine: MachineVersionView
    evaluation_id: int
    rows: int


def measure_version(
    slug: str,
    name: str,
    version: str | None,
    rows: Iterable[LabelledPage] | None,
    *,
    data_name: str,
    asker_id: int | None,
    shelf: MachineShelf,
    now: datetime,
    progress: Progress | None = None,
) -> Measured:
    """See evaluate_machine."""
    row = check_measurable(slug, name, version, asker_id)
    pages = list(rows) if rows is not None else _probes(slug)
    if not pages:
        raise Invalid("There is no usable row to measure on.", field="data")
    data = data_name if rows is not None else f"verified probes of {slug}"
    try:
        report = measure(shelf.get(row), pages, progress)
    except MachineError as error:
        raise Conflict(f"{error} Nothing was measured; try again later.", code="machine_away") from error
    with transaction() as session:
        evaluation_id = keep_evaluation(session, row.id, data, len(pages), report, now)
        [view] = version_views(session, [row])
    return Measured(view, evaluation_id, len(pages))


def check_measurable(
    slug: str, name: str, version: str | None, asker_id: int | None, *, on_probes: bool = False
) -> DbMachine:
    """The version, if the asker may measure it for this challenge (on_probes: and there is a verified probe to measure it on).
    Raises NotFound, Forbidden, Invalid."""
    with reading() as session:
        challenge = get_modelled(session, slug, asker_id)
        row = get_machine_row(session, name, version)
        check_labels(row.labels, challenge.label_keys, row.name)
        if on_probes and not machines.verified(session, challenge.id, 1):
            raise Invalid(NO_PROBES, field="data")
        return row


def _probes(slug: str) -> list[LabelledPage]:
    with reading() as session:
        challenge = get_modelled(session, slug, None)
        found = machines.verified(session, challenge.id, MOST_PROBES)
    if not found:
        raise Invalid(NO_PROBES, field="data")
    return [
        LabelledPage(number, as_page(page), truth, host_of(page.final_url))
        for number, (truth, page) in enumerate(found, 1)
    ]
