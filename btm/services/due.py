"""What of the corpus is due: finds to be grouped anew, pages to be fetched again. Shared by the services; cheap, for the sweep."""

from __future__ import annotations

from datetime import datetime

from btm.rules.holding import FIRST_LOOK, LOOK_EVERY, YOUNG
from btm.services.presenting import host_of
from btm.store import corpus
from btm.store.clusters import Growth
from btm.store.transaction import Session

LEAST_FRESH = 10
FRESH_SHARE = 0.1
MOST_LOOKED_AT = 50


def is_due(growth: Growth) -> bool:
    """Whether so much has come since the last grouping that another is worth it: ten finds, and a tenth of those that there were."""
    return growth.fresh >= max(LEAST_FRESH, FRESH_SHARE * growth.finds)


def to_recheck(session: Session, now: datetime, limit: int) -> list[int]:
    """Verified errors whose pages are to be fetched again, at most one of a host. Those that were never looked at come first, since points
    may wait for it: however many are due each week, they are not kept from it."""
    chosen: dict[str, int] = {}
    first = corpus.never_rechecked(session, now - YOUNG, now - FIRST_LOOK, MOST_LOOKED_AT)
    again = corpus.due_for_recheck(session, now - FIRST_LOOK, now - LOOK_EVERY, now - YOUNG, MOST_LOOKED_AT)
    for submission_id, url in [*first, *again]:
        chosen.setdefault(host_of(url), submission_id)
    return list(chosen.values())[:limit]
