"""Load what the first examination needs, so that it need not wait."""

from __future__ import annotations

import logging

from btm.services.machines import get_machine
from btm.store import challenges
from btm.store.transaction import reading
from classifiers.errors import MachineError
from classifiers.novelty import vectorise
from classifiers.page import Page

SAMPLE = Page(title="A page", text="A page about nothing in particular, long enough to be read.")


def warm_up() -> None:
    """Load every machine that a challenge points at, and ask each once. A machine that does not load is logged."""
    with reading() as session:
        rows = {challenge.machine_id: challenge.machine for challenge in challenges.all_challenges(session)}
    for row in rows.values():
        try:
            get_machine(row).predict_proba([SAMPLE])
        except MachineError:
            logging.getLogger(__name__).exception("machine %s does not load", row.name)
    vectorise([SAMPLE])
