"""The corpus of a challenge in figures, for its modelers: what players found, beside what inspection finds, and over time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from btm.rules.audit import wilson
from btm.services.corpus_views import cluster_cards, get_corpus, share_view, weeks
from btm.services.inspection import Seen, inspection_arm, seen
from btm.services.views_clusters import ArmView, CorpusView, QuadrantsView, ShareView
from btm.store import clusters, corpus, corpus_figures
from btm.store.corpus_figures import SURE, Totals
from btm.store.transaction import reading


def show_corpus(slug: str, *, asker_id: int | None, now: datetime) -> CorpusView:
    """All figures, in a fixed number of queries. Raises NotFound, Forbidden."""
    with reading() as session:
        challenge = get_corpus(session, slug, asker_id)
        rows = clusters.clusters_of(session, challenge.id)
        sums = corpus_figures.cluster_sums(session, challenge)
        totals = corpus_figures.totals(session, challenge.id)
        by_players = corpus_figures.quadrants(session, challenge)
        days = corpus_figures.days(session, challenge.id)
        states = corpus.last_recheck_states(session, challenge.id)
        audit = corpus_figures.latest_audit(session, challenge.id)
        pages = seen(challenge, corpus_figures.inspected(session, audit.id)) if audit else []
    players = _players(totals)
    inspection = inspection_arm(audit, pages) if audit and pages else None
    return CorpusView(
        slug=challenge.slug,
        title=challenge.title,
        errors=totals.errors,
        probes=totals.probes,
        clusters=cluster_cards(challenge, rows, sums, now),
        players=players,
        inspection=inspection,
        sentence=sentence(players, inspection),
        quadrants=_quadrants(by_players, pages),
        weeks=weeks(days),
        changed_pages=states.get("changed", 0) + states.get("gone", 0),
    )


def _players(totals: Totals) -> ArmView:
    severe = totals.bands[-1]
    first, second, third, fourth = (each / totals.errors if totals.errors else 0.0 for each in totals.bands)
    return ArmView(
        name="Players",
        pages=totals.probes,
        errors=share_view(wilson(totals.errors, totals.probes), totals.errors, totals.probes),
        severe=share_view(wilson(severe, totals.probes), severe, totals.probes),
        bands=(first, second, third, fourth),
        points_per_error=totals.points / totals.errors if totals.errors else None,
    )


def _quadrants(players: dict[tuple[bool, bool], int], inspected: Sequence[Seen]) -> QuadrantsView:
    """Verified pages of both arms."""
    counts = dict(players)
    for page in inspected:
        key = (page.belief >= SURE, page.severity is not None)
        counts[key] = counts.get(key, 0) + 1
    return QuadrantsView(
        sure_right=counts.get((True, False), 0),
        unsure_right=counts.get((False, False), 0),
        unsure_wrong=counts.get((False, True), 0),
        sure_wrong=counts.get((True, True), 0),
    )


def sentence(players: ArmView, inspection: ArmView | None) -> str:
    """Both arms in words, with their 95% intervals; and what is missing, where something is."""
    if players.errors.value is None and inspection is None:
        return "No page was verified yet."
    if players.errors.value is None and inspection is not None:
        return (
            f"Nothing that players sent was verified yet; inspection found errors in {_percent(inspection.errors)} of the pages, "
            f"severe ones in {_percent(inspection.severe)}."
        )
    if inspection is None:
        return (
            f"Players found errors in {_percent(players.errors)} of the pages they sent, severe ones in "
            f"{_percent(players.severe)}. Nothing was inspected yet, so there is nothing to hold that against."
        )
    return (
        f"Players found errors in {_percent(players.errors)} of the pages they sent; inspection in "
        f"{_percent(inspection.errors)}; severe: {_percent(players.severe)} against {_percent(inspection.severe)}."
    )


def _percent(share: ShareView) -> str:
    low, high = _digits(share.low or 0.0), _digits(share.high or 0.0)
    return f"{_digits(share.value or 0.0)}% ({low} to {high}%)"


def _digits(share: float) -> str:
    """A share in percent: whole from ten up, else with one decimal."""
    percent = 100 * share
    return f"{percent:.0f}" if percent >= 9.95 or percent == 0 else f"{percent:.1f}"
