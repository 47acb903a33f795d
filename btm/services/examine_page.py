"""The background half of a submission: fetch, read, ask the machine, quote. May be rung twice, or be killed at any point."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from btm.pages.page import ReadPage
from btm.pages.reader import PageReader
from btm.pages.reasons import ReadFailed
from btm.pages.signature import signature
from btm.pages.snapshot import SnapshotStore
from btm.rules.money import whole_price
from btm.rules.quotes import AlreadyKnown, Quote, make_quote
from btm.services.machines import as_page, get_machine
from btm.services.memory import Foreseen, foresee
from btm.services.near_duplicates import find_repeat
from btm.store import money, play
from btm.store.tables_challenges import DbChallenge
from btm.store.tables_play import DbPage, DbQuote, DbSubmission
from btm.store.transaction import Session, reading, transaction
from classifiers.errors import MachineError

MOST_TRIES = 5
"""After so many tries, a submission whose worker vanished once more is given up: perhaps the page is what ends workers."""
RETRY_SECONDS = 30
MOST_PATIENCE = 20
"""A machine that is down is asked again after 30 seconds, then 60, and at last every ten minutes: each time means a fetch."""
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Tools:
    """What an examination works with. `patience`: seconds after which another worker may take over."""

    reader: PageReader
    snapshots: SnapshotStore
    clock: Callable[[], datetime]
    patience: float = 30.0


def examine_page(submission_id: int, tools: Tools) -> None:
    """Bring a queued submission to a quote or a refusal. Does nothing where another worker has it, or it is past that.

    The fetch happens between two transactions; the fence makes sure that only the latest worker's result is written.
    """
    now = tools.clock()
    with transaction() as session:
        was_lost = play.get_submission(session, submission_id).state == "fetching"
        fence = play.take_for_examination(
            session, submission_id, now, now + timedelta(seconds=tools.patience)
        )
    if fence is None:
        return
    if was_lost and fence > MOST_TRIES:
        _refuse(submission_id, fence, "gave_up")
        return
    with reading() as session:
        url = play.get_submission(session, submission_id).url
    try:
        page = tools.reader.read(url, lambda step: _note(submission_id, fence, step))
        tools.snapshots.put(page.body)
        _note(submission_id, fence, "asking")
        _conclude(submission_id, fence, _row(page, tools.clock()), tools.clock)
    except ReadFailed as failure:
        _refuse(submission_id, fence, failure.reason)
    except MachineError:
        log.exception("the machine did not answer", extra={"submission": submission_id})
        wait = RETRY_SECONDS * min(fence, MOST_PATIENCE)
        _put_back(submission_id, fence, tools.clock() + timedelta(seconds=wait))


def _note(submission_id: int, fence: int, step: str) -> None:
    if step == "fetching":
        return  # taking it has said so
    with transaction() as session:
        play.note_step(session, submission_id, fence, step)


def _row(page: ReadPage, fetched_at: datetime) -> DbPage:
    return DbPage(
        url=page.url,
        canonical_url=page.canonical_url,
        final_url=page.final_url,
        final_canonical_url=page.final_canonical_url,
        redirects=[[hop.status, hop.url] for hop in page.redirects],
        fetched_at=fetched_at,
        status=page.status,
        content_type=page.content_type,
        content_hash=page.content_hash,
        snapshot=page.body_hash,
        title=page.title,
        description=page.description,
        headings=list(page.headings),
        links=list(page.links),
        language=page.language,
        text=page.text,
        blocks=[[block.kind, block.text] for block in page.blocks],
        signature=signature(page.text),
    )


def _conclude(submission_id: int, fence: int, page: DbPage, clock: Callable[[], datetime]) -> None:
    """Ask the machine outside any write, then write page and quote (or refusal) in one transaction."""
    with reading() as session:
        submission = play.get_submission(session, submission_id)
        repeat = find_repeat(session, submission.challenge_id, page)
        machine = get_machine(submission.challenge.machine)
        probabilities = _in_order(
            machine.predict_proba([as_page(page)])[0], machine.classes_, submission.challenge
        )
        foreseen = foresee(session, submission.challenge_id, submission.player_id, page)
    quote = make_quote(
        probabilities,
        submission.challenge.target_index,
        submission.challenge.cost,
        foreseen.q,
        submission.challenge.law,
    )
    with transaction() as session:
        row = play.get_submission(session, submission_id, lock=True)
        if row.fence != fence or row.state != "fetching":
            return
        _write(session, row, page, repeat, quote, probabilities, foreseen, clock())


def _in_order(probabilities: np.ndarray, classes: object, challenge: DbChallenge) -> list[float]:
    """The machine's probabilities in the order of the challenge's labels."""
    by_label = dict(zip(list(classes), probabilities.tolist(), strict=True))  # type: ignore[call-overload]
    return [float(by_label[key]) for key in challenge.label_keys]


def _write(
    session: Session,
    row: DbSubmission,
    page: DbPage,
    repeat: int | None,
    quote: Quote | AlreadyKnown,
    probabilities: list[float],
    foreseen: Foreseen,
    now: datetime,
) -> None:
    session.add(page)
    session.flush()
    row.page_id, row.step, row.wake_at = page.id, "", None
    if repeat is not None:
        row.state, row.refusal, row.repeats_id = "refused", _how_taken(session, repeat), repeat
    elif isinstance(quote, AlreadyKnown):
        row.state, row.refusal = "refused", "already_known"
    elif money.free_budget(session, row.challenge_id) < whole_price(quote.reserve, row.challenge.law):
        row.state, row.refusal = "refused", "budget_spent"
    else:
        session.add(_quote_row(row, quote, probabilities, foreseen, now))
        row.state, row.wake_at = "quoted", now + timedelta(hours=row.challenge.law.quote_hours)


def _how_taken(session: Session, repeat: int) -> str:
    outcome = play.outcome_of(session, repeat)
    if outcome is None:
        return "already_handed_in"
    return "already_found" if outcome.is_error else "already_judged"


def _quote_row(
    row: DbSubmission, quote: Quote, probabilities: list[float], foreseen: Foreseen, now: datetime
) -> DbQuote:
    challenge, rules = row.challenge, row.challenge.law
    return DbQuote(
        submission_id=row.id,
        machine_id=challenge.machine_id,
        probabilities=probabilities,
        assigned=challenge.label_keys[quote.assigned],
        target=challenge.target,
        severity=quote.severity,
        foreseeable=foreseen.q,
        novelty=quote.novelty,
        prevalence_weight=quote.prevalence_weight,
        max_bonus=rules.max_bonus,
        sharpness=rules.sharpness,
        points=quote.points,
        reserve=quote.reserve,
        neighbours=[list(neighbour) for neighbour in foreseen.neighbours],
        quoted_at=now,
    )


def _refuse(submission_id: int, fence: int, reason: str) -> None:
    with transaction() as session:
        row = play.get_submission(session, submission_id, lock=True)
        if row.fence == fence and row.state == "fetching":
            row.state, row.refusal, row.step, row.wake_at = "refused", reason, "", None


def _put_back(submission_id: int, fence: int, wake_at: datetime) -> None:
    """The machine is down: the submission waits for it, and is not lost."""
    with transaction() as session:
        row = play.get_submission(session, submission_id, lock=True)
        if row.fence == fence and row.state == "fetching":
            row.state, row.step, row.wake_at = "queued", "", wake_at
