"""The background half of a submission: fetch, read, ask the machine, quote. May be rung twice, or be killed at any point."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from btm.pages.page import ReadPage
from btm.pages.reader import PageReader
from btm.pages.reasons import ReadFailed
from btm.pages.signature import signature
from btm.pages.snapshot import SnapshotStore
from btm.rules.money import whole_price
from btm.rules.quotes import AlreadyKnown, Quote, make_quote
from btm.rules.waiting import ask_again_at
from btm.services.machines import MachineShelf, answer_seconds, as_page
from btm.services.memory import Foreseen, foresee
from btm.services.near_duplicates import find_repeat, how_taken
from btm.store import money, play, waiting
from btm.store.tables_challenges import DbChallenge
from btm.store.tables_play import DbPage, DbQuote, DbSubmission
from btm.store.transaction import Session, reading, transaction
from classifiers.errors import MachineError, MachineMisbehaved

MOST_TRIES = 5
"""After so many tries that nobody ended, a submission is given up: perhaps the page is what ends workers."""
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Tools:
    """What an examination works with. `patience`: seconds after which another worker may take over."""

    reader: PageReader
    snapshots: SnapshotStore
    clock: Callable[[], datetime]
    machines: MachineShelf
    patience: float = 30.0


@dataclass(frozen=True, slots=True)
class _Held:
    """A submission that this worker has taken."""

    id: int
    fence: int
    url: str
    challenge: DbChallenge
    page: DbPage | None
    tries: int


def examine_page(submission_id: int, tools: Tools) -> None:
    """Bring a queued submission to a quote or a refusal. Does nothing where another worker has it, or it is past that.

    Fetching and asking happen between transactions; the fence makes sure that only the latest worker's result is written. Where
    the machine does not answer, the submission keeps its page and waits.
    """
    held = _take(submission_id, tools)
    if held is None:
        return
    if held.tries > MOST_TRIES:
        _refuse(held, "gave_up")
        return
    try:
        page = held.page or _read(held, tools)
    except ReadFailed as failure:
        _refuse(held, failure.reason)
        return
    try:
        _conclude(held, page, tools)
    except MachineError as error:
        _wait(held, page, error, tools.clock())


def _take(submission_id: int, tools: Tools) -> _Held | None:
    now = tools.clock()
    with transaction() as session:
        fence = play.take_for_examination(
            session, submission_id, now, now + timedelta(seconds=tools.patience)
        )
        if fence is None:
            return None
        row = play.get_submission(session, submission_id)
        return _Held(row.id, fence, row.url, row.challenge, row.page, row.tries)


def _read(held: _Held, tools: Tools) -> DbPage:
    def note(step: str) -> None:
        if step != "fetching":  # taking it has said so
            _note(held, step)

    page = tools.reader.read(held.url, note)
    tools.snapshots.put(page.body)
    return _row(page, tools.clock())


def _note(held: _Held, step: str, until: datetime | None = None) -> None:
    with transaction() as session:
        play.note_step(session, held.id, held.fence, step, until)


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


def _conclude(held: _Held, page: DbPage, tools: Tools) -> None:
    """Ask the machine outside any transaction, then write page and quote (or refusal) in one."""
    challenge = held.challenge
    with reading() as session:
        repeat = find_repeat(session, challenge.id, page)
    probabilities: list[float] = []
    foreseen, quote = Foreseen(0.0, ()), None
    if repeat is None:
        patience = max(tools.patience, answer_seconds(challenge.machine) + 10)
        _note(held, "asking", tools.clock() + timedelta(seconds=patience))
        probabilities = _ask(challenge, page, tools.machines)
        with reading() as session:
            row = play.get_submission(session, held.id)
            foreseen = foresee(session, challenge.id, row.player_id, page)
        quote = make_quote(probabilities, challenge.target_index, challenge.cost, foreseen.q, challenge.law)
    with transaction() as session:
        row = play.get_submission(session, held.id, lock=True)
        if row.fence != held.fence or row.state != "fetching":
            return
        if row.waiting_since is not None and quote is not None:
            waiting.wake_waiting(session, challenge.machine_id, tools.clock())
        _write(session, row, page, repeat, quote, probabilities, foreseen, tools.clock())


def _ask(challenge: DbChallenge, page: DbPage, shelf: MachineShelf) -> list[float]:
    """The machine's probabilities in the order of the challenge's labels. Raises MachineError."""
    machine = shelf.get(challenge.machine)
    answer = machine.predict_proba([as_page(page)])[0]
    by_label = dict(zip(machine.classes_, answer.tolist(), strict=True))
    if set(by_label) != set(challenge.label_keys):
        raise MachineMisbehaved(f"The machine {machine.name!r} has other labels than the challenge.")
    return [float(by_label[key]) for key in challenge.label_keys]


def _write(
    session: Session,
    row: DbSubmission,
    page: DbPage,
    repeat: int | None,
    quote: Quote | AlreadyKnown | None,
    probabilities: list[float],
    foreseen: Foreseen,
    now: datetime,
) -> None:
    _keep(session, row, page)
    row.step, row.wake_at, row.waiting_since, row.tries = "", None, None, 0
    if repeat is not None or quote is None:
        row.state, row.refusal, row.repeats_id = "refused", how_taken(session, repeat or 0), repeat
    elif isinstance(quote, AlreadyKnown):
        row.state, row.refusal = "refused", "already_known"
    elif money.free_budget(session, row.challenge_id) < whole_price(quote.reserve, row.challenge.law):
        row.state, row.refusal = "refused", "budget_spent"
    else:
        session.add(_quote_row(row, quote, probabilities, foreseen, now))
        row.state, row.wake_at = "quoted", now + timedelta(hours=row.challenge.law.quote_hours)


def _keep(session: Session, row: DbSubmission, page: DbPage) -> None:
    """Write the page, unless it was written when the submission began to wait."""
    if page.id is None:
        session.add(page)
        session.flush()
        row.page_id = page.id


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


def _refuse(held: _Held, reason: str) -> None:
    with transaction() as session:
        row = play.get_submission(session, held.id, lock=True)
        if row.fence == held.fence and row.state == "fetching":
            row.state, row.refusal, row.step, row.wake_at = "refused", reason, "", None


def _wait(held: _Held, page: DbPage, error: MachineError, now: datetime) -> None:
    """The machine is down: the submission keeps its page and waits, and is not lost."""
    with transaction() as session:
        row = play.get_submission(session, held.id, lock=True)
        if row.fence != held.fence or row.state != "fetching":
            return
        _keep(session, row, page)
        if row.waiting_since is None:
            log.warning("submission %s begins to wait: %s", held.id, error)
        since = row.waiting_since or now
        again = ask_again_at(now, since, getattr(error, "retry_after", 0.0))
        if again is None:
            row.state, row.refusal, row.step, row.wake_at = "refused", "machine_away", "", None
        else:
            row.state, row.step, row.wake_at, row.waiting_since = "queued", "waiting", again, since
            row.tries = 0
