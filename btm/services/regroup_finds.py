"""Group a challenge's finds anew: clusters by cause, their names, the map. May be rung twice, or be killed at any point."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from btm.services import memory
from btm.services.corpus_views import made_name
from btm.services.due import is_due
from btm.services.grouping import Group, arrange, group_finds
from btm.services.machines import as_page
from btm.services.telling import tell
from btm.store import challenges, clusters
from btm.store.clusters import Find
from btm.store.tables_corpus import DbCluster
from btm.store.transaction import Session, reading, transaction
from classifiers.cluster_names import distinguishing_terms
from classifiers.page import Page

MOST_FINDS = 20_000
"""Of more finds than this the newest are grouped; the older ones stay where they are."""
MOST_READ = 200
"""So many pages of a cluster are read for its name."""

_busy: set[int] = set()
_busy_lock = threading.Lock()


@dataclass(frozen=True)
class _Regrouped:
    """What a grouping comes to, and the version that it was read from."""

    version: int
    finds: Sequence[Find]
    groups: Sequence[Group]
    points: Sequence[tuple[float, float]]
    terms: Mapping[int, list[str]] = field(default_factory=dict)


def regroup_finds(challenge_id: int, *, now: datetime, new_id: Callable[[], str]) -> bool:
    """Group the finds of a challenge anew where enough have come. Returns whether that was done.

    All is worked out beside any transaction, and put in place in one, under the challenge's lock, unless another process was
    quicker. What was found meanwhile keeps its place. Clusters keep their ids, names, notes, states and weights.
    """
    with _busy_lock:
        if challenge_id in _busy:
            return False
        _busy.add(challenge_id)
    try:
        done = _regroup(challenge_id)
        return done is not None and _swap(challenge_id, done, now, new_id)
    finally:
        _busy.discard(challenge_id)


def _regroup(challenge_id: int) -> _Regrouped | None:
    with reading() as session:
        if not any(is_due(each) for each in clusters.growth(session, challenge_id)):
            return None
        grouping = clusters.grouping_of(session, challenge_id)
        finds = clusters.newest_finds(session, challenge_id, MOST_FINDS)
        known = clusters.clusters_of(session, challenge_id)
        rows = memory.rows_of(session, challenge_id, [find.submission_id for find in finds])
    groups = group_finds(finds, rows, known)
    points = arrange(finds, rows, grouping.finds if grouping else 0)
    terms = _terms(finds, groups)
    return _Regrouped(grouping.version if grouping else 0, finds, groups, points, terms)


def _terms(finds: Sequence[Find], groups: Sequence[Group]) -> dict[int, list[str]]:
    """The terms of each group, against the others of its pair of labels."""
    answer: dict[int, list[str]] = {}
    inside = {each for group in groups for each in group.members}
    for pair in {(group.truth, group.assigned) for group in groups}:
        mine = [group for group in groups if (group.truth, group.assigned) == pair]
        alone = [
            find.submission_id
            for find in finds
            if (find.truth, find.assigned) == pair and find.submission_id not in inside
        ]
        texts = {group.cluster_id: _read(group.members) for group in mine}
        answer.update(distinguishing_terms(texts, others=_read(alone)))
    return answer


def _read(submission_ids: Sequence[int]) -> list[Page]:
    """Pages of these, evenly chosen where there are many."""
    step = max(1.0, len(submission_ids) / MOST_READ)
    chosen = [submission_ids[int(at * step)] for at in range(min(len(submission_ids), MOST_READ))]
    with reading() as session:
        pages = clusters.pages_of(session, chosen)
        return [as_page(pages[each]) for each in chosen if each in pages]


def _swap(challenge_id: int, done: _Regrouped, now: datetime, new_id: Callable[[], str]) -> bool:
    with transaction() as session:
        challenge = challenges.lock_challenge(session, challenge_id)
        grouping = clusters.grouping_of(session, challenge_id)
        if (grouping.version if grouping else 0) != done.version:
            return False
        known = {each.id: each for each in clusters.clusters_of(session, challenge_id)}
        cluster_of: dict[int, int] = {}
        for group in done.groups:
            row = known.get(group.cluster_id) or _add(session, challenge_id, group, new_id(), now)
            _renew(row, group, done.terms.get(group.cluster_id, []), is_new=group.cluster_id not in known)
            if group.cluster_id not in known:
                told = {"cluster": row.public_id, "name": row.name, "size": len(group.members)}
                tell(session, challenge, "cluster_born", f"cluster:{row.public_id}", told, now)
            cluster_of.update(dict.fromkeys(group.members, row.id))
        session.flush()
        _place_all(session, challenge_id, done, cluster_of, now)
        clusters.retire_empty(session, challenge_id, now)
        values = {
            "challenge_id": challenge_id, "version": done.version + 1, "finds": len(done.finds), "grouped_at": now,
            "grouped_to": max(find.outcome_id for find in done.finds),
        }  # fmt: skip
        clusters.note_grouping(session, values)
        return True


def _add(session: Session, challenge_id: int, group: Group, public_id: str, now: datetime) -> DbCluster:
    row = DbCluster(
        public_id=public_id, challenge_id=challenge_id, truth=group.truth, assigned=group.assigned, name="",
        terms=[], notes="", state="new", exemplars=[], weight=1.0, created_at=now,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def _renew(row: DbCluster, group: Group, terms: list[str], *, is_new: bool) -> None:
    """What a grouping says of a cluster. One that a second grouping finds again is known; a name that somebody gave stays."""
    row.terms, row.exemplars, row.retired_at = terms, list(group.exemplars), None
    if row.named_by is None:
        row.name = made_name(terms)
    if row.state == "new" and not is_new:
        row.state = "known"


def _place_all(
    session: Session, challenge_id: int, done: _Regrouped, cluster_of: Mapping[int, int], now: datetime
) -> None:
    """Place the finds that are still what they were when they were read. Others were judged anew, and are placed one by one."""
    current = {
        find.submission_id: find for find in clusters.newest_finds(session, challenge_id, 2 * MOST_FINDS)
    }
    fresh: list[dict[str, Any]] = []
    changed: list[dict[str, Any]] = []
    for find, (x, y) in zip(done.finds, done.points, strict=True):
        there = current.get(find.submission_id)
        if there is None or there.outcome_id != find.outcome_id:
            continue
        cluster_id = cluster_of.get(find.submission_id)
        values = {"cluster_id": cluster_id, "x": x, "y": y, "placed_at": max(now, find.settled_at)}
        if there.placement_id is None:
            fresh.append({"challenge_id": challenge_id, "submission_id": find.submission_id, **values})
        elif (
            (there.cluster_id, there.x, there.y) != (cluster_id, x, y)
            or there.placed_at is None
            or (there.placed_at < find.settled_at)
        ):
            changed.append({"id": there.placement_id, **values})
    clusters.put_all(session, fresh, changed)
