"""A challenge's pool with all that is known of its labels, as a stream, in formats of our own and of other tools."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from btm.rules.errors import Invalid
from btm.services import label_studio
from btm.services.corpus_rows import pseudonym
from btm.services.crowd_tables import CROWD_COLUMNS, crowd_row
from btm.services.exporting import one_state
from btm.services.modelling import get_modelled
from btm.services.pool_data_set import pool_files
from btm.services.pool_labels import Known, known_pages
from btm.services.recording import record
from btm.services.row_files import csv_file, json_file, json_lines
from btm.services.zip_files import zipped
from btm.store import imported
from btm.store.tables import DbJudgement
from btm.store.tables_challenges import DbChallenge
from btm.store.transaction import transaction

FORMATS = ("csv", "jsonl", "label-studio", "label-studio-config", "crowd-kit", "hf")
COLUMNS = (
    "name", "url", "title", "text", "state", "given", "judged", "posterior", "label", "probability", "machine_says", "ref",
)  # fmt: skip


def export_pool(slug: str, format: str, *, asker_id: int | None, now: datetime) -> Iterator[bytes]:
    """Every page in the order in which it came. csv, jsonl: labels given, labels by judges, posterior, and the label that follows.
    label-studio: tasks, a judge an annotation; label-studio-config: a project for them; crowd-kit: judgements as (task, worker, label). hf: a zip
    archive of a folder that `datasets.load_dataset` reads.

    asker_id: None for the operator. Raises NotFound, Forbidden and Invalid (field `format`) at once, before the first byte.
    """
    if format not in FORMATS:
        raise Invalid(f"A pool comes as {', '.join(FORMATS[:-1])} or {FORMATS[-1]}.", field="format")
    with transaction() as session:
        challenge = get_modelled(session, slug, asker_id)
        record(session, challenge, "export_pool", asker_id, now, form=format)
        if format == "label-studio-config":
            return iter([config_of(challenge).encode()])
    if format == "label-studio":
        return json_file(_tasks(slug, asker_id))
    if format == "crowd-kit":
        return csv_file(CROWD_COLUMNS, _crowd(slug, asker_id))
    rows = _rows(slug, asker_id)
    if format == "hf":
        return zipped(pool_files(challenge, rows))
    return csv_file(COLUMNS, rows) if format == "csv" else json_lines(rows)


def config_of(challenge: DbChallenge) -> str:
    """Label Studio's labelling configuration for a challenge's question."""
    labels = [(str(label["key"]), str(label["name"])) for label in challenge.labels]
    return label_studio.labelling_config(str(challenge.brief.get("question") or challenge.title), labels)


def _rows(slug: str, asker_id: int | None) -> Iterator[dict[str, Any]]:
    with one_state() as session:
        challenge = get_modelled(session, slug, asker_id)
        for batch in known_pages(session, challenge):
            yield from map(_row, batch)


def _row(known: Known) -> dict[str, Any]:
    pool_page, page = known.row.pool_page, known.row.page
    return {
        "name": pool_page.name,
        "url": page.url,
        "title": page.title,
        "text": page.text,
        "state": known.state,
        "given": pool_page.given,
        "judged": known.judged,
        "posterior": {key: round(value, 6) for key, value in known.posterior.items()},
        "label": known.label,
        "probability": round(known.posterior.get(known.label, 0.0), 6) if known.label else "",
        "machine_says": pool_page.assigned,
        "ref": _ref(known),
    }


def _with_judgements(
    slug: str, asker_id: int | None
) -> Iterator[tuple[DbChallenge, Known, list[DbJudgement]]]:
    """Every page with what judges said of it."""
    with one_state() as session:
        challenge = get_modelled(session, slug, asker_id)
        for batch in known_pages(session, challenge):
            ids = [known.row.item.id for known in batch if known.row.item is not None]
            said = imported.judgements(session, ids)
            for known in batch:
                yield challenge, known, said.get(known.row.item.id, []) if known.row.item is not None else []


def _tasks(slug: str, asker_id: int | None) -> Iterator[dict[str, Any]]:
    for challenge, known, judgements in _with_judgements(slug, asker_id):
        pool_page, page = known.row.pool_page, known.row.page
        data = {
            "text": page.text, "url": page.url, "title": page.title, "name": pool_page.name, "ref": _ref(known),
            "given": pool_page.given,
        }  # fmt: skip
        predictions = []
        if pool_page.assigned:
            belief = pool_page.probabilities[challenge.label_keys.index(pool_page.assigned)]
            predictions.append(label_studio.prediction("machine", pool_page.assigned, belief))
        if judgements and known.label:
            predictions.append(label_studio.prediction("judges", known.label, known.posterior[known.label]))
        said = (
            label_studio.annotation(pseudonym(challenge.salt, each.judge_id), str(each.label), each.seconds)
            for each in judgements
        )
        yield label_studio.task(data, said, predictions)


def _crowd(slug: str, asker_id: int | None) -> Iterator[dict[str, Any]]:
    for challenge, known, judgements in _with_judgements(slug, asker_id):
        for each in judgements:
            yield crowd_row(_ref(known), pseudonym(challenge.salt, each.judge_id), str(each.label))


def _ref(known: Known) -> str:
    """One name a page, which all formats share: those of the file may lack, or repeat."""
    return f"page-{known.row.pool_page.id}"
