"""The map of a challenge's finds, for its modelers."""

from __future__ import annotations

from btm.services.corpus_views import cluster_cards, get_corpus
from btm.services.presenting import host_of
from btm.services.views_clusters import MapPoint, MapView
from btm.store import clusters, corpus_figures
from btm.store.corpus_figures import Point
from btm.store.tables_corpus import DbCluster
from btm.store.transaction import reading

MOST_POINTS = 20_000


def show_map(slug: str, *, asker_id: int | None) -> MapView:
    """Every find that has a place, at most the newest 20,000, in a fixed number of queries. Raises NotFound, Forbidden."""
    with reading() as session:
        challenge = get_corpus(session, slug, asker_id)
        rows = {row.id: row for row in clusters.clusters_of(session, challenge.id)}
        found = corpus_figures.points(session, challenge, MOST_POINTS)
        sums = corpus_figures.cluster_sums(session, challenge)
        total = corpus_figures.totals(session, challenge.id).errors
        grouping = clusters.grouping_of(session, challenge.id)
        waiting = sum(each.fresh for each in clusters.growth(session, challenge.id))
    return MapView(
        slug=challenge.slug,
        title=challenge.title,
        points=tuple(_point(each, rows) for each in found),
        clusters=cluster_cards(challenge, rows.values(), sums, None),
        lone=sum(each.cluster_id is None for each in found),
        total=total,
        waiting=waiting,
        grouped_at=grouping.grouped_at if grouping else None,
    )


def _point(point: Point, rows: dict[int, DbCluster]) -> MapPoint:
    cluster = rows.get(point.cluster_id or 0)
    return MapPoint(
        public_id=point.public_id,
        x=point.x,
        y=point.y,
        cluster=cluster.public_id if cluster else "",
        severity=point.severity,
        state=_state(point, cluster),
        title=point.title,
        host=host_of(point.url),
    )


def _state(point: Point, cluster: DbCluster | None) -> str:
    """What the machine that plays now says of the find itself goes before the state of its cluster."""
    state = cluster.state if cluster else "new"
    if point.is_wrong is None:
        return state
    if not point.is_wrong:
        return "fixed"
    return "known" if state in ("new", "fixed") else state
