"""A verified error as a row of an export, with everything needed to trust and reuse it. Shared by the services."""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime
from typing import Any

from btm.services.finding import get_page, get_quote
from btm.store.exports import Known
from btm.store.tables_challenges import DbChallenge
from btm.store.tables_review import DbJudgement

COLUMNS = (
    "id", "url", "canonical_url", "final_url", "fetched_at", "title", "text", "language", "machine", "machine_version",
    "probabilities", "predicted", "verified_label", "verdict_probability", "severity", "novelty", "points", "judgements",
    "submitted_at", "settled_at", "cluster", "cluster_name", "cluster_state", "versions", "recheck", "rechecked_at", "redirects",
    "status", "content_type", "content_hash", "snapshot", "origin", "taken_down", "taken_down_at",
)  # fmt: skip
"""In this order. New ones are put at the end, so that what reads columns by their place goes on working."""


def corpus_row(challenge: DbChallenge, known: Known) -> dict[str, Any]:
    """One verified error, its values ready for JSON. Judges are pseudonyms, the same within a challenge.

    `versions`: what each later machine version says of it. `recheck`: how the page was when it was last fetched again, empty where it
    was not. `redirects`: each hop's status and the address that sent it, in order. `snapshot`: the SHA-256 of the raw bytes. `taken_down` is empty but in a tombstone.
    """
    outcome, submission, cluster, recheck = known.outcome, known.submission, known.cluster, known.recheck
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
        "machine": quote.machine.name if quote.machine else "",
        "machine_version": quote.machine.version if quote.machine else "",
        "probabilities": dict(zip(challenge.label_keys, quote.probabilities, strict=True)),
        "predicted": outcome.assigned,
        "verified_label": outcome.truth,
        "verdict_probability": outcome.probability,
        "severity": outcome.severity,
        "novelty": quote.novelty,
        "points": outcome.points,
        "judgements": [_judgement(challenge.salt, each) for each in known.judgements],
        "submitted_at": submission.created_at.isoformat(),
        "settled_at": outcome.settled_at.isoformat(),
        "cluster": cluster.public_id if cluster else "",
        "cluster_name": cluster.name if cluster else "",
        "cluster_state": cluster.state if cluster else "",
        "versions": _versions(known),
        "recheck": recheck.state if recheck else "",
        "rechecked_at": recheck.checked_at.isoformat() if recheck else "",
        "redirects": page.redirects,
        "status": page.status,
        "content_type": page.content_type,
        "content_hash": page.content_hash,
        "snapshot": page.snapshot,
        "origin": known.origin,
        "taken_down": "",
        "taken_down_at": "",
    }


def tombstone_row(name: str, reason: str, at: datetime) -> dict[str, Any]:
    """What stands in the place of a verified error that was taken down: its id, why and when. Whoever has a copy should remove it."""
    empty: dict[str, Any] = dict.fromkeys(COLUMNS, "")
    figures = ("verdict_probability", "severity", "novelty", "points", "status")
    lists: dict[str, Any] = {"probabilities": {}, "judgements": [], "versions": [], "redirects": []}
    own = {"id": name, "taken_down": reason, "taken_down_at": at.isoformat()}
    return empty | dict.fromkeys(figures) | lists | own


def _judgement(salt: str, judgement: DbJudgement) -> dict[str, Any]:
    return {
        "judge": pseudonym(salt, judgement.judge_id),
        "label": judgement.label,
        "cannot": judgement.cannot,
        "seconds": judgement.seconds,
        "reason": judgement.reason,
        "other": judgement.other,
    }


def _versions(known: Known) -> list[dict[str, Any]]:
    return [
        {
            "machine": name,
            "machine_version": version,
            "predicted": replay.assigned,
            "is_error": replay.is_wrong,
            "severity": replay.severity,
            "at": replay.replayed_at.isoformat(),
        }
        for replay, name, version in known.replays
    ]


def pseudonym(salt: str, account_id: int) -> str:
    """A name for somebody that says nothing of who they are, the same throughout one challenge and only there."""
    return "j" + hmac.new(salt.encode(), str(account_id).encode(), hashlib.sha256).hexdigest()[:12]
