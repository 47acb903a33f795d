"""The corpus of a challenge, or a part of it, as a stream: JSONL, CSV, Parquet, Label Studio's tasks or crowd-kit's judgements."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import chain
from typing import Any

from btm.rules.errors import Invalid
from btm.rules.exports import EVERYTHING, ExportQuery
from btm.services import label_studio
from btm.services.corpus_rows import COLUMNS
from btm.services.crowd_tables import CROWD_COLUMNS, crowd_row
from btm.services.exporting import corpus_rows, open_corpus
from btm.services.parquet_rows import parquet_of
from btm.services.row_files import csv_file, json_file, json_lines

FORMATS = ("jsonl", "csv", "parquet", "label-studio", "crowd-kit")
BATCH = 200


def export_corpus(
    slug: str,
    format: str,
    query: ExportQuery = EVERYTHING,
    *,
    asker_id: int | None,
    now: datetime,
    header: bool = True,
) -> Iterator[bytes]:
    """The verified errors that a query asks for, oldest first, a batch in memory at a time. asker_id: the account that asks, or
    None for the operator at the command line. header: whether a CSV begins with its columns' names; what goes on where another
    export ended does not. Judges are pseudonyms, the same within a challenge. What was taken down
    stands as a tombstone: its id, why and when.

    Raises NotFound, Forbidden (no modeler of this challenge) and Invalid at once, before the first byte.
    """
    if format not in FORMATS:
        raise Invalid(
            f"A corpus can be exported as {', '.join(FORMATS[:-1])} or {FORMATS[-1]}.", field="format"
        )
    challenge, after = open_corpus(slug, query, asker_id, format, now)
    rows = corpus_rows(challenge, query, after, BATCH)
    if format == "parquet":
        return parquet_of(rows, challenge.label_keys)
    if format == "label-studio":
        return json_file(_task(row) for row in rows if not row["taken_down"])
    if format == "crowd-kit":
        return csv_file(CROWD_COLUMNS, chain.from_iterable(map(_crowd, rows)))
    return json_lines(rows) if format == "jsonl" else csv_file(COLUMNS, rows, header=header)


def _task(row: dict[str, Any]) -> dict[str, Any]:
    """A find as a task for Label Studio: judges' answers are its annotations, what the machine and the verdict say its predictions."""
    data = {
        "text": row["text"], "url": row["final_url"], "title": row["title"], "ref": row["id"],
        "cluster": row["cluster_name"] or "",
    }  # fmt: skip
    said = (
        label_studio.annotation(each["judge"], each["label"], each["seconds"])
        for each in row["judgements"]
        if each["label"]
    )
    predictions = [label_studio.prediction("verdict", row["verified_label"], row["verdict_probability"])]
    if row["predicted"]:
        model = f"{row['machine']} {row['machine_version']}"
        belief = row["probabilities"].get(row["predicted"], 0.0)
        predictions.insert(0, label_studio.prediction(model, row["predicted"], belief))
    return label_studio.task(data, said, predictions)


def _crowd(row: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for each in row["judgements"]:
        if each["label"]:
            yield crowd_row(row["id"], each["judge"], each["label"])
