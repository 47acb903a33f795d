"""Every address that was handed in to a challenge, or those that people checked, as a stream: for whoever wants the list itself."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from btm.rules.errors import Invalid
from btm.services.exporting import one_state
from btm.services.modelling import get_modelled
from btm.services.presenting import host_of
from btm.services.recording import record
from btm.services.row_files import csv_file, json_file, json_lines
from btm.services.taken_down import NO_ADDRESS
from btm.store import collecting, play
from btm.store.tables_challenges import DbChallenge
from btm.store.tables_collecting import DbExample
from btm.store.tables_play import DbSubmission
from btm.store.tables_review import DbOutcome
from btm.store.transaction import Session, transaction

FORMATS = ("csv", "json", "jsonl", "txt")
KINDS = ("all", "checked")
COLUMNS = (
    "id", "url", "final_url", "title", "host", "claimed", "state", "verified_label", "verdict_probability", "judgements",
    "submitted_at", "settled_at",
)  # fmt: skip
BATCH = 500


def export_urls(
    slug: str, format: str, *, which: str = "all", asker_id: int | None, now: datetime
) -> Iterator[bytes]:
    """`which`: all, or checked, those on which people reached a verdict. In the order in which they were handed in, a batch in memory
    at a time. txt is one address a line, without those of what was taken down. asker_id: None for the operator.

    Raises NotFound, Forbidden and Invalid (field `format` or `which`) at once, before the first byte.
    """
    if format not in FORMATS:
        raise Invalid(f"The list comes as {', '.join(FORMATS[:-1])} or {FORMATS[-1]}.", field="format")
    if which not in KINDS:
        raise Invalid(f"The list holds {' or '.join(KINDS)} addresses.", field="which")
    with transaction() as session:
        challenge = get_modelled(session, slug, asker_id)
        record(session, challenge, "export_urls", asker_id, now, form=format, which=which)
    rows = _rows(challenge, which == "checked")
    if format == "csv":
        return csv_file(COLUMNS, rows)
    return {"json": json_file, "jsonl": json_lines, "txt": _txt}[format](rows)


def _rows(challenge: DbChallenge, checked: bool) -> Iterator[dict[str, Any]]:
    with one_state() as session:
        after = 0
        while batch := collecting.submissions_after(session, challenge.id, after, BATCH, checked=checked):
            found = _found(session, [row.id for row in batch])
            for row in batch:
                yield _row(challenge, row, _verdict_of(row, found))
            after = batch[-1].id
            session.expunge_all()


def _found(session: Session, ids: list[int]) -> dict[int, DbOutcome | DbExample]:
    return {**play.outcomes_of(session, ids), **collecting.examples_of(session, ids)}


def _verdict_of(row: DbSubmission, found: dict[int, DbOutcome | DbExample]) -> DbOutcome | DbExample | None:
    """Nothing where an appeal against what was found before was never answered."""
    return found.get(row.id) if row.state in collecting.CHECKED else None


def _row(challenge: DbChallenge, row: DbSubmission, found: DbOutcome | DbExample | None) -> dict[str, Any]:
    return {
        "id": row.public_id,
        "url": row.url,
        "final_url": row.page.final_url if row.page else "",
        "title": row.page.title if row.page else "",
        "host": host_of(row.page.final_url if row.page else row.url),
        "claimed": row.claimed or challenge.target,
        "state": row.state,
        "verified_label": found.truth if found else "",
        "verdict_probability": found.probability if found else "",
        "judgements": found.label_counts if found else {},
        "submitted_at": row.created_at.isoformat(),
        "settled_at": row.settled_at.isoformat() if row.settled_at else "",
    }


def _txt(rows: Iterator[dict[str, Any]]) -> Iterator[bytes]:
    for row in rows:
        if not row["url"].startswith(NO_ADDRESS):
            yield (row["url"] + "\n").encode()
