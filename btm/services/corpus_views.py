"""Rows of the corpus wing to view values, and who may see them. Shared by the services."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

from btm.rules.audit import Share
from btm.services.finding import get_quote
from btm.services.modelling import get_modelled
from btm.services.presenting import host_of, label_view
from btm.services.views_clusters import ClusterCard, ShareView
from btm.services.views_corpus import FindView
from btm.store.corpus_figures import ClusterSums
from btm.store.tables_challenges import DbChallenge
from btm.store.tables_corpus import DbCluster
from btm.store.tables_play import DbSubmission
from btm.store.tables_review import DbOutcome
from btm.store.transaction import Session
from classifiers.cluster_names import cluster_name

ACTIVE = timedelta(days=14)
"""A cluster of which something was handed in since is one that players still find."""
LONGEST_NAME = 120
NO_TERMS = "Pages that are alike"


def get_corpus(session: Session, slug: str, asker_id: int | None) -> DbChallenge:
    """The challenge, if the asker may see its corpus; None asks for the operator. Raises NotFound, Forbidden."""
    return get_modelled(session, slug, asker_id, why_not="The corpus of this challenge is for its modelers.")


def made_name(terms: Sequence[str]) -> str:
    """What a cluster is called before anybody has named it."""
    return cluster_name(terms)[:LONGEST_NAME] or NO_TERMS


def find_view(challenge: DbChallenge, outcome: DbOutcome, submission: DbSubmission, finder: str) -> FindView:
    """A verified error as everybody may see it."""
    quote = get_quote(submission)
    return FindView(
        public_id=submission.public_id,
        title=submission.page.title if submission.page else "",
        url_text=submission.url,
        link="" if challenge.is_harmful else submission.url,
        host=host_of(submission.url),
        truth=label_view(challenge, outcome.truth),
        machine_said=label_view(challenge, outcome.assigned),
        belief=round(quote.probabilities[challenge.label_keys.index(outcome.assigned)], 2),
        severity=outcome.severity,
        novelty=quote.novelty,
        points=outcome.points,
        finder=finder,
        settled_at=outcome.settled_at,
    )


def share_view(share: Share, count: int, total: int) -> ShareView:
    """A share with its interval."""
    return ShareView(share.value, share.low, share.high, count, total)


def cluster_cards(
    challenge: DbChallenge, rows: Iterable[DbCluster], sums: Mapping[int, ClusterSums], now: datetime | None
) -> tuple[ClusterCard, ...]:
    """The clusters that hold finds, the largest first. `now`: to tell which are still found; None: against the newest find of all."""
    now = now or max((each.last_at for each in sums.values()), default=None)
    cards = [_card(challenge, row, sums[row.id], now) for row in rows if row.id in sums and now is not None]
    return tuple(sorted(cards, key=lambda card: (-card.size, card.first_at, card.public_id)))


def _card(challenge: DbChallenge, row: DbCluster, sums: ClusterSums, now: datetime) -> ClusterCard:
    return ClusterCard(
        public_id=row.public_id,
        name=row.name,
        is_named=row.named_by is not None,
        terms=tuple(row.terms),
        truth=label_view(challenge, row.truth),
        assigned=label_view(challenge, row.assigned),
        size=sums.size,
        finders=sums.finders,
        severity=sums.severity,
        bands=sums.bands,
        state=row.state,
        first_at=sums.first_at,
        last_at=sums.last_at,
        is_active=now - sums.last_at <= ACTIVE,
        open_share=sums.open / sums.asked if sums.asked else None,
        common=_common(row),
        weight=row.weight,
    )


def _common(row: DbCluster) -> ShareView | None:
    found = row.prevalence
    if not found:
        return None
    pages = int(found.get("pages", 0))
    share = float(found["share"])
    return ShareView(share, found.get("low"), found.get("high"), round(share * pages), pages)


def weeks(days: Iterable[tuple[date, int, int]]) -> tuple[tuple[datetime, int, int], ...]:
    """Days, in order, summed by week: (Monday's midnight UTC, first sum, second sum). A week without any is there too, between
    the first and the last."""
    sums: dict[date, list[int]] = {}
    for day, first, second in days:
        monday = day - timedelta(days=day.weekday())
        while sums and (latest := max(sums)) < monday - timedelta(days=7):
            sums[latest + timedelta(days=7)] = [0, 0]
        week = sums.setdefault(monday, [0, 0])
        week[0] += first
        week[1] += second
    return tuple(
        (datetime(day.year, day.month, day.day, tzinfo=UTC), first, second)
        for day, (first, second) in sorted(sums.items())
    )
