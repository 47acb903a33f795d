"""A modeler names a cluster and writes down what is known of it."""

from __future__ import annotations

from datetime import datetime

from btm.rules.errors import Invalid, NotFound
from btm.services.corpus_views import get_corpus, made_name
from btm.services.recording import record
from btm.store import challenges, clusters
from btm.store.transaction import transaction

LONGEST_NAME = 120
LONGEST_NOTES = 4000


def edit_cluster(slug: str, cluster_id: str, *, name: str, notes: str, asker_id: int, now: datetime) -> None:
    """Give a cluster a name and notes. An empty name gives it back the one that is made of its terms.

    `cluster_id`: its public id. A cluster that somebody has named is a known one. Raises NotFound, Forbidden, Invalid (field
    `name` or `notes`).
    """
    name, notes = " ".join(name.split()), notes.replace("\r\n", "\n").strip()
    if len(name) > LONGEST_NAME:
        raise Invalid(f"A name has at most {LONGEST_NAME} characters.", field="name")
    if len(notes) > LONGEST_NOTES:
        raise Invalid(f"Notes have at most {LONGEST_NOTES:,} characters.", field="notes")
    with transaction() as session:
        challenge = get_corpus(session, slug, asker_id)
        challenges.lock_challenge(session, challenge.id)
        cluster = clusters.find_cluster(session, challenge.id, cluster_id)
        if cluster is None:
            raise NotFound("There is no such cluster. It may be of another challenge.")
        before, cluster.notes = cluster.name, notes
        if name != cluster.name:
            cluster.name = name or made_name(cluster.terms)
            cluster.named_by = asker_id if name else None
        if cluster.named_by is not None and cluster.state == "new":
            cluster.state = "known"
        record(
            session,
            challenge,
            "edit_cluster",
            asker_id,
            now,
            cluster=cluster_id,
            name=cluster.name,
            was=before,
        )
