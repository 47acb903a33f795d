"""The corpus of a challenge as a data set that `datasets.load_dataset` reads: Parquet files by split, and a card."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from btm.rules.exports import EVERYTHING, PARTS, ExportQuery
from btm.services.corpus_rows import corpus_row
from btm.services.data_card import Contents, card_of
from btm.services.exporting import known_errors, one_state, open_corpus
from btm.services.parquet_rows import parquet_of
from btm.services.zip_files import Files, zipped
from btm.store.tables_challenges import DbChallenge

BATCH = 200
CARD = "README.md"


def export_dataset(
    slug: str, query: ExportQuery = EVERYTHING, *, asker_id: int | None, now: datetime
) -> Files:
    """The files in the order in which they must be read, each a path and its bytes: a split at a time (both, or the one that the
    query asks for), then the card, which tells what the others hold. A batch is in memory at a time.

    asker_id: the account that asks, or None for the operator. Raises NotFound and Forbidden at once.
    """
    challenge, after = open_corpus(slug, query, asker_id, "dataset", now)
    return _files(challenge, query, after)


def zip_dataset(
    slug: str, query: ExportQuery = EVERYTHING, *, asker_id: int | None, now: datetime
) -> Iterator[bytes]:
    """The same as one zip archive, streamed. Raises as `export_dataset` does."""
    return zipped(export_dataset(slug, query, asker_id=asker_id, now=now))


def _files(challenge: DbChallenge, query: ExportQuery, after: int) -> Files:
    contents = Contents()
    with (
        one_state() as session
    ):  # for both splits: a find that changes its cluster meanwhile is in one of them all the same
        for part in PARTS if query.part is None else (query.part,):
            path = contents.files[part] = f"data/{part}-00000-of-00001.parquet"
            found = known_errors(session, challenge, replace(query, part=part), after, BATCH)
            rows = _counted((corpus_row(challenge, known) for known in found), part, contents)
            yield path, parquet_of(rows, challenge.label_keys)
    yield CARD, iter([card_of(challenge, query, contents).encode()])


def _counted(rows: Iterator[dict[str, Any]], part: str, contents: Contents) -> Iterator[dict[str, Any]]:
    contents.rows[part] = 0
    for row in rows:
        contents.rows[part] += 1
        if row["language"]:
            contents.languages.add(row["language"])
        yield row
