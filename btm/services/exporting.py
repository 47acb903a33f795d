"""The rows of an export, one after another. Shared by the services."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from typing import Any

from btm.rules.errors import NotFound
from btm.rules.exports import ExportQuery
from btm.services.corpus_rows import corpus_row, tombstone_row
from btm.services.corpus_views import get_corpus
from btm.services.recording import record
from btm.store import exports, takedowns
from btm.store.exports import Known
from btm.store.tables_challenges import DbChallenge
from btm.store.transaction import Session, reading, transaction


def open_corpus(
    slug: str, query: ExportQuery, asker_id: int | None, form: str, now: datetime
) -> tuple[DbChallenge, int]:
    """The challenge, and the outcome after which an export begins. That somebody takes the corpus away, in which form, is put on
    record. Raises NotFound and Forbidden as `get_corpus` does, and NotFound where there is no such cluster, or the find to go on after was never verified here."""
    with reading() as session:
        challenge = get_corpus(session, slug, asker_id)
        if query.cluster is not None and not exports.has_cluster(session, challenge.id, query.cluster):
            raise NotFound(f"There is no cluster {query.cluster!r} here.", field="cluster")
        after = 0 if query.after is None else exports.outcome_id_of(session, challenge.id, query.after)
    if after is None:
        raise NotFound(f"There is no verified find {query.after!r} here to go on after.", field="after")
    asked = {name: str(value) for name, value in asdict(query).items() if value is not None}
    with transaction() as session:
        record(session, challenge, "export_corpus", asker_id, now, form=form, **asked)
    return challenge, after


@contextmanager
def one_state() -> Iterator[Session]:
    """A session that sees one state of the database, however long the export takes."""
    with reading() as session:
        exports.hold_still(session)
        yield session


def known_errors(
    session: Session, challenge: DbChallenge, query: ExportQuery, after: int, batch: int
) -> Iterator[Known]:
    """The verified errors that a query asks for, oldest first, `batch` of them in memory at a time."""
    for some in exports.corpus_batches(session, challenge, batch, query, after):
        yield from some


def corpus_rows(
    challenge: DbChallenge, query: ExportQuery, after: int, batch: int
) -> Iterator[dict[str, Any]]:
    """The same as rows, in a session of their own; and a tombstone in the place of each that was taken down, whatever part is asked
    for, since its cluster and its machine are forgotten too. `since` counts from the day that it was taken down."""
    with one_state() as session:
        stones = [
            (stone.outcome_id or 0, tombstone_row(stone.name, reason, stone.at))
            for stone, reason in takedowns.lost_finds(session, challenge.id, after)
            if query.since is None or stone.at >= query.since
        ][::-1]
        for known in known_errors(session, challenge, query, after, batch):
            while stones and stones[-1][0] < known.outcome.id:
                yield stones.pop()[1]
            yield corpus_row(challenge, known)
        while stones:
            yield stones.pop()[1]
