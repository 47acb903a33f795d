"""Load what the first examination needs, so that it need not wait."""

from __future__ import annotations

import logging

from btm.services.machines import MachineShelf
from btm.store import challenges
from btm.store.transaction import reading
from classifiers.errors import MachineError
from classifiers.novelty import vectorise
from classifiers.page import Page

SAMPLE = Page(title="A page", text="A page about nothing in particular, long enough to be read.")


def warm_up(shelf: MachineShelf) -> None:
    """Load every machine that a challenge points at, and ask each once. A machine that does not load or answer is logged."""
    with reading() as session:
        found = [challenge.machine for challenge in challenges.all_challenges(session)]
    for row in {row.id: row for row in found if row is not None}.values():
        try:
            shelf.get(row).predict_proba([SAMPLE])
        except MachineError as error:
            logging.getLogger(__name__).warning("machine %s does not answer: %s", row.name, error)
    vectorise([SAMPLE])
