"""What is known of the pages of a modeler's pool: labels given, judgements, posterior. Shared by the services."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from btm.services.jury import find_panel, posterior_of
from btm.store import imported
from btm.store.imported import Imported
from btm.store.tables import DbJury
from btm.store.tables_challenges import DbChallenge
from btm.store.transaction import Session


@dataclass(frozen=True, slots=True)
class Known:
    """A page of the pool. `posterior` by label: the jury's once somebody judged it; until then the given labels', under a flat prior.
    `label`: the verdict, else the likeliest label, and empty where nobody said anything or two are as likely. `state`: waiting,
    open, undecided or decided."""

    row: Imported
    state: str
    judged: dict[str, int]
    posterior: dict[str, float]
    label: str

    @property
    def probability(self) -> float:
        """How likely its likeliest label is."""
        return max(self.posterior.values())

    @property
    def is_decided(self) -> bool:
        return self.state == "decided"


def known_pages(session: Session, challenge: DbChallenge) -> Iterator[list[Known]]:
    """The pool, in the order in which it came, a batch in memory at a time."""
    panel = find_panel(session, challenge)
    for batch in imported.batches(session, challenge.id):
        yield know(session, challenge, panel, batch)


def know(session: Session, challenge: DbChallenge, panel: DbJury, batch: Sequence[Imported]) -> list[Known]:
    """The same of some pages."""
    judged = imported.judged_labels(session, [row.item.id for row in batch if row.item is not None])
    found = []
    for row in batch:
        votes = judged.get(row.item.id, {}) if row.item is not None else {}
        if row.item is not None and votes:
            belief = dict(zip(panel.labels, posterior_of(panel, row.item).tolist(), strict=True))
            posterior = {key: belief[key] for key in challenge.label_keys}
        else:
            posterior = _flat(row.pool_page.given, challenge.label_keys)
        found.append(_known(row, votes, posterior))
    return found


def _flat(given: dict[str, int], labels: Iterable[str]) -> dict[str, float]:
    """The mean of the Dirichlet posterior of the given labels under a flat prior."""
    counts = {key: given.get(key, 0) + 1 for key in labels}
    total = sum(counts.values())
    return {key: count / total for key, count in counts.items()}


def _known(row: Imported, votes: dict[str, int], posterior: dict[str, float]) -> Known:
    state = "waiting" if row.item is None else row.item.state
    state = "decided" if state == "settled" else state
    values = np.asarray(list(posterior.values()))
    leading = [key for key, value in posterior.items() if value >= values.max() - 1e-12]
    verdict = row.item.verdict if row.item is not None and state == "decided" else None
    return Known(row, state, votes, posterior, verdict or (leading[0] if len(leading) == 1 else ""))
