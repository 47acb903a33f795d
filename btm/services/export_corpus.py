"""The corpus of a challenge as a stream of JSONL or CSV."""

from __future__ import annotations

import csv
import hashlib
import hmac
import io
import json
from collections.abc import Iterator
from typing import Any

from btm.rules.errors import Forbidden, Invalid
from btm.rules.permissions import may_model
from btm.services.finding import get_challenge, get_page, get_quote
from btm.store import corpus, people
from btm.store.corpus import Judged
from btm.store.tables_challenges import DbChallenge
from btm.store.tables_play import DbSubmission
from btm.store.tables_review import DbOutcome
from btm.store.transaction import reading

FORMATS = ("jsonl", "csv")
COLUMNS = (
    "id", "url", "canonical_url", "final_url", "fetched_at", "title", "text", "language", "machine", "machine_version",
    "probabilities", "predicted", "verified_label", "verdict_probability", "severity", "novelty", "points", "judgements",
    "submitted_at", "settled_at",
)  # fmt: skip
BATCH = 200
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def export_corpus(slug: str, format: str, *, asker_id: int | None) -> Iterator[bytes]:
    """Every verified error, oldest first, a batch in memory at a time. asker_id: the account that asks, or None for the
    operator at the command line. Judges are pseudonyms, the same within a challenge.

    Raises NotFound, Forbidden (no modeler of this challenge) and Invalid at once, before the first byte.
    """
    if format not in FORMATS:
        raise Invalid(f"A corpus can be exported as {' or '.join(FORMATS)}.", field="format")
    with reading() as session:
        challenge = get_challenge(session, slug)
        if asker_id is not None and not may_model(people.roles_of(session, asker_id), slug):
            raise Forbidden("The corpus of this challenge is for its modelers.", code="not_modeler")
    return _jsonl(challenge) if format == "jsonl" else _csv(challenge)


def _rows(challenge: DbChallenge) -> Iterator[dict[str, Any]]:
    with reading() as session:
        for batch in corpus.corpus_batches(session, challenge.id, BATCH):
            for outcome, submission, judgements in batch:
                yield _row(challenge, outcome, submission, judgements)


def _row(
    challenge: DbChallenge, outcome: DbOutcome, submission: DbSubmission, judgements: list[Judged]
) -> dict[str, Any]:
    page, quote = get_page(submission), get_quote(submission)
    return {
        "id": submission.public_id,
        "url": submission.url,
        "canonical_url": page.canonical_url,
        "final_url": page.final_url,
        "fetched_at": page.fetched_at.isoformat(),
        "title": page.title,
        "text": page.text,
        "language": page.language,
        "machine": quote.machine.name,
        "machine_version": quote.machine.version,
        "probabilities": dict(zip(challenge.label_keys, quote.probabilities, strict=True)),
        "predicted": outcome.assigned,
        "verified_label": outcome.truth,
        "verdict_probability": outcome.probability,
        "severity": outcome.severity,
        "novelty": quote.novelty,
        "points": outcome.points,
        "judgements": [
            {
                "judge": pseudonym(challenge.salt, judge_id),
                "label": label,
                "cannot": cannot,
                "seconds": seconds,
            }
            for _, judge_id, label, cannot, seconds in judgements
        ],
        "submitted_at": submission.created_at.isoformat(),
        "settled_at": outcome.settled_at.isoformat(),
    }


def pseudonym(salt: str, account_id: int) -> str:
    """A name for somebody that says nothing of who they are, the same throughout one challenge and only there."""
    return "j" + hmac.new(salt.encode(), str(account_id).encode(), hashlib.sha256).hexdigest()[:12]


def _jsonl(challenge: DbChallenge) -> Iterator[bytes]:
    for row in _rows(challenge):
        yield (json.dumps(row, ensure_ascii=False) + "\n").encode()


def _csv(challenge: DbChallenge) -> Iterator[bytes]:
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(COLUMNS)
    for row in _rows(challenge):
        writer.writerow([cell(row[column]) for column in COLUMNS])
        yield _drain(buffer)
    yield _drain(buffer)


def _drain(buffer: io.StringIO) -> bytes:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text.encode()


def cell(value: Any) -> str | int | float:
    """A value for a spreadsheet: structures as JSON, and no text that a spreadsheet would run as a formula (OWASP)."""
    if isinstance(value, (int, float)):
        return value
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return "'" + text if text.startswith(FORMULA) else text
