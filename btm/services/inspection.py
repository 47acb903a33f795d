"""What an inspection says of the whole pool, as the other arm beside the players. Shared by the services."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from btm.rules.audit import Share, stratified_share
from btm.rules.scoring import severity
from btm.services.corpus_views import share_view
from btm.services.views_clusters import ArmView
from btm.store.corpus_figures import BANDS, Inspected
from btm.store.tables_challenges import DbChallenge
from btm.store.tables_corpus import DbAudit


@dataclass(frozen=True, slots=True)
class Seen:
    """One page that was drawn and has its verdict. `severity` is None where the machine was right."""

    bin: int
    belief: float
    severity: float | None


def seen(challenge: DbChallenge, pages: Sequence[Inspected]) -> list[Seen]:
    """The pages with a verdict, and how wrong the machine was about each."""
    keys = challenge.label_keys
    return [
        Seen(
            page.bin,
            page.probabilities[keys.index(page.assigned)],
            severity(page.probabilities, keys.index(page.truth), challenge.cost)
            if page.truth != page.assigned
            else None,
        )
        for page in pages
        if page.truth in keys
    ]


def inspection_arm(audit: DbAudit, pages: Sequence[Seen]) -> ArmView:
    """The audit's estimates for its whole pool, each bin weighted by its part of it."""
    errors = [page for page in pages if page.severity is not None]
    severe = [page for page in errors if _band(page) == len(BANDS)]
    parts = [
        _share(audit, pages, [page for page in errors if _band(page) == band]).value for band in range(4)
    ]
    whole = sum(part or 0.0 for part in parts)
    first, second, third, fourth = ((part or 0.0) / whole if whole else 0.0 for part in parts)
    return ArmView(
        name="Inspection",
        pages=len(pages),
        errors=share_view(_share(audit, pages, errors), len(errors), len(pages)),
        severe=share_view(_share(audit, pages, severe), len(severe), len(pages)),
        bands=(first, second, third, fourth),
        points_per_error=None,
    )


def _band(page: Seen) -> int:
    return bisect_right(BANDS, page.severity or 0.0)


def _share(audit: DbAudit, pages: Sequence[Seen], hits: Sequence[Seen]) -> Share:
    judged, found = Counter(page.bin for page in pages), Counter(page.bin for page in hits)
    bins = range(len(audit.strata))
    pool = [int(stratum["pool"]) for stratum in audit.strata]
    return stratified_share(pool, [judged[each] for each in bins], [found[each] for each in bins])
