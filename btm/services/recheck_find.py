"""Fetch the page of a verified error again, now and then: has it changed since, or gone? May be rung twice, or be killed at any point.

What was judged stays what it was: the page as it was then is kept, and only what became of it is noted.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from btm.pages.page import ReadPage
from btm.pages.reader import PageReader
from btm.pages.reasons import ReadFailed
from btm.pages.signature import signature, similarity
from btm.rules.holding import Look, next_look
from btm.services.near_duplicates import NEAR
from btm.services.presenting import host_of
from btm.store import corpus, play
from btm.store.tables_play import DbPage
from btm.store.tables_review import DbOutcome
from btm.store.transaction import Session, reading, transaction

GONE = 404

_visiting: set[str] = set()
_visiting_lock = threading.Lock()


def recheck_find(submission_id: int, *, now: datetime, reader: PageReader) -> None:
    """Fetch a verified error's page again, unless that was done a short while ago, and note whether it is the same, changed, gone, or
    could not be fetched. A host that this process visits already is left for later: one page of a host at a time."""
    with reading() as session:
        outcome = play.outcome_of(session, submission_id)
        if outcome is None or not outcome.is_error or not _is_due(session, outcome, now):
            return
        submission = play.get_submission(session, submission_id)
        page = submission.page
    if page is None:
        return
    with _alone_at(host_of(submission.url)) as alone:
        if not alone:
            return
        found = _look(submission.url, page, reader)
    with transaction() as session:
        if _is_due(session, outcome, now):
            corpus.note_recheck(session, {"submission_id": submission_id, "checked_at": now, **found})


def _is_due(session: Session, outcome: DbOutcome, now: datetime) -> bool:
    """Whether the page was not fetched again yet, or so long ago that it is time. The first time is the sweep's to choose."""
    last = corpus.last_recheck(session, outcome.submission_id)
    return last is None or now >= next_look(outcome.settled_at, Look(last.state, last.checked_at))


@contextmanager
def _alone_at(host: str) -> Iterator[bool]:
    """Whether nobody else in this process is at this host; for as long as the block lasts, nobody else will be."""
    with _visiting_lock:
        alone = host not in _visiting
        if alone:
            _visiting.add(host)
    try:
        yield alone
    finally:
        if alone:
            with _visiting_lock:
                _visiting.discard(host)


def _look(url: str, page: DbPage, reader: PageReader) -> dict[str, Any]:
    try:
        return _compared(page, reader.read(url))
    except ReadFailed as failure:
        if failure.reason == "not_found":
            return {"state": "gone", "status": GONE, "content_hash": "", "similarity": None}
        return {"state": "failed", "status": 0, "content_hash": "", "similarity": None}


def _compared(page: DbPage, again: ReadPage) -> dict[str, Any]:
    """The same where the text is nearly the same, as it is for repeats: a date or a counter does not make another page."""
    alike = (
        1.0 if again.content_hash == page.content_hash else similarity(page.signature, signature(again.text))
    )
    return {
        "state": "same" if alike >= NEAR else "changed",
        "status": again.status,
        "content_hash": again.content_hash,
        "similarity": round(alike, 3),
    }
