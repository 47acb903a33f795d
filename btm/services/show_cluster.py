"""A cluster's page, for modelers: what it is, who finds it, where, and what became of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from btm.rules.errors import NotFound
from btm.services.corpus_views import cluster_cards, find_view, get_corpus, weeks
from btm.services.cursors import read_cursor
from btm.services.presenting import host_of
from btm.services.views_clusters import ClusterView, VersionStatus
from btm.store import clusters, corpus, corpus_figures
from btm.store.tables_challenges import DbMachine
from btm.store.transaction import Session, reading

LIMIT = 50
MOST_NAMES = 20


def show_cluster(
    slug: str, cluster_id: str, *, asker_id: int | None, cursor: str | None = None, now: datetime
) -> ClusterView:
    """A cluster with a page of its finds, newest first. `cluster_id`: its public id.

    Raises NotFound (also for one that holds no find any more), Forbidden, and Invalid for a broken cursor.
    """
    before = read_cursor(cursor)
    with reading() as session:
        challenge = get_corpus(session, slug, asker_id)
        row = clusters.find_cluster(session, challenge.id, cluster_id)
        sums = corpus_figures.cluster_sums(session, challenge, row.id) if row else {}
        if row is None or row.id not in sums:
            raise NotFound("There is no such cluster, or none of its finds is left.")
        typical = corpus.finds(session, challenge.id, None, LIMIT, cluster_id=row.id, only=row.exemplars)
        found = corpus.finds(session, challenge.id, before, LIMIT + 1, cluster_id=row.id)
        addresses = corpus_figures.addresses(session, row.id)
        states = corpus.last_recheck_states(session, challenge.id, row.id)
        shown = {submission.id: submission.public_id for _, submission, _ in (*typical, *found[:LIMIT])}
        rechecks = corpus.last_rechecks(session, list(shown))
        versions = _versions(session, row.id)
        days = corpus_figures.days(session, challenge.id, row.id)
    typical.sort(key=lambda each: row.exemplars.index(each[1].id))
    return ClusterView(
        slug=challenge.slug,
        title=challenge.title,
        card=cluster_cards(challenge, [row], sums, now)[0],
        notes=row.notes,
        exemplars=tuple(find_view(challenge, *each) for each in typical),
        finds=tuple(find_view(challenge, *each) for each in found[:LIMIT]),
        cursor=str(found[LIMIT - 1][0].id) if len(found) > LIMIT else None,
        sites=_commonest(host_of(url) for url, _ in addresses),
        languages=_commonest(language for _, language in addresses),
        versions=versions,
        per_week=tuple((week, errors) for week, _, errors in weeks(days)),
        changed=states.get("changed", 0),
        gone=states.get("gone", 0),
        rechecks={shown[submission_id]: each.state for submission_id, each in rechecks.items()},
    )


def _commonest(names: Iterable[str]) -> tuple[tuple[str, int], ...]:
    counted = sorted(Counter(names).items(), key=lambda each: (-each[1], each[0]))
    return tuple(counted[:MOST_NAMES])


def _versions(session: Session, cluster_id: int) -> tuple[VersionStatus, ...]:
    """Each machine version that was asked about the cluster's finds, oldest first: those that they beat, and later ones."""
    asked: dict[int, tuple[DbMachine, int, int, datetime]] = {}
    for machine, wrong, total, at in (
        *corpus_figures.quoted_versions(session, cluster_id),
        *corpus_figures.replayed_versions(session, cluster_id),
    ):
        _, wrong_too, total_too, at_too = asked.get(machine.id, (machine, 0, 0, at))
        asked[machine.id] = machine, wrong + wrong_too, total + total_too, max(at, at_too)
    return tuple(
        VersionStatus(machine.name, machine.version, wrong, total, at)
        for _, (machine, wrong, total, at) in sorted(asked.items())
    )
