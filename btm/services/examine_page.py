"""The background half of a submission: fetch, read, ask the machine (where there is one), quote. May be rung twice, or be killed at any point."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from btm.pages.reader import PageReader
from btm.pages.reasons import ReadFailed
from btm.pages.snapshot import SnapshotStore
from btm.rules.collecting import NotWanted
from btm.rules.money import whole_price
from btm.rules.quotes import AlreadyKnown, make_quote
from btm.rules.waiting import ask_again_at
from btm.services.collecting import appraise
from btm.services.collecting import quote_row as example_row
from btm.services.finding import get_machine
from btm.services.keeping import keep_body
from btm.services.machines import MachineShelf, answer_seconds, as_page
from btm.services.memory import foresee
from btm.services.near_duplicates import find_repeat, how_taken
from btm.services.prevalence import weight_of
from btm.services.quoting import page_row, quote_row
from btm.services.stopping import stop_reason
from btm.services.taken_down import is_page_down, what_took_down
from btm.store import money, play, takedowns, waiting
from btm.store.tables_challenges import DbChallenge, DbMachine
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


class TakenDown(Exception):
    """What was read was taken down here: nothing of it is kept."""


@dataclass(frozen=True, slots=True)
class _Held:
    """A submission that this worker has taken."""

    id: int
    fence: int
    url: str
    challenge: DbChallenge
    page: DbPage | None
    claimed: str
    tries: int


@dataclass(frozen=True, slots=True)
class _Answer:
    """What an examination comes to: a refusal, or a quote that is made once the submission is locked. machine_id: of the machine that
    was asked."""

    refusal: str = ""
    reserve: int = 0
    quote: Callable[[DbSubmission, datetime], DbQuote] | None = None
    machine_id: int | None = None


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
    except TakenDown:
        _refuse(held, "taken_down")
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
        return _Held(row.id, fence, row.url, row.challenge, row.page, row.claimed, row.tries)


def _read(held: _Held, tools: Tools) -> DbPage:
    def note(step: str) -> None:
        if step != "fetching":  # taking it has said so
            _note(held, step)

    page = tools.reader.read(held.url, note)
    row = page_row(page, tools.clock())
    with reading() as session:
        if is_page_down(session, held.challenge.id, row):
            raise TakenDown
    keep_body(tools.snapshots, page)
    return row


def _note(held: _Held, step: str, until: datetime | None = None) -> None:
    with transaction() as session:
        play.note_step(session, held.id, held.fence, step, until)


def _conclude(held: _Held, page: DbPage, tools: Tools) -> None:
    """Find the answer outside any transaction, then write page and quote (or refusal) in one."""
    with reading() as session:
        repeat = find_repeat(session, held.challenge.id, page)
    if repeat is not None:
        answer = _Answer()
    elif held.challenge.mode == "collect":
        answer = _appraise(held, page)
    else:
        answer = _ask_machine(held, page, tools)
    with transaction() as session:
        row = play.get_submission(session, held.id, lock=True)
        if row.fence != held.fence or row.state != "fetching":
            return
        down = what_took_down(session, row.challenge_id, page)
        if down is not None:
            takedowns.open_again(session, down, page.snapshot)
            row.state, row.refusal, row.step, row.wake_at = "refused", "taken_down", "", None
            return
        if row.waiting_since is not None and answer.machine_id is not None:
            waiting.wake_waiting(session, answer.machine_id, tools.clock())
        _write(session, row, page, repeat, answer, tools.clock())


def _appraise(held: _Held, page: DbPage) -> _Answer:
    """There is no machine yet: what the page would be worth as an example."""
    challenge = held.challenge
    with reading() as session:
        row = play.get_submission(session, held.id)
        made = appraise(session, challenge, row.player_id, page, row.claimed or challenge.target)
    quote = made.quote
    if isinstance(quote, NotWanted):
        return _Answer(refusal=quote.reason)
    return _Answer(reserve=quote.reserve, quote=lambda row, now: example_row(row, quote, made, now))


def _ask_machine(held: _Held, page: DbPage, tools: Tools) -> _Answer:
    """What the machine says, and what that makes the page worth. Raises MachineError."""
    challenge = held.challenge
    if held.claimed not in ("", challenge.target):
        return _Answer(refusal="machine_came")
    machine = get_machine(challenge)
    patience = max(tools.patience, answer_seconds(machine) + 10)
    _note(held, "asking", tools.clock() + timedelta(seconds=patience))
    probabilities = _ask(challenge, machine, page, tools.machines)
    with reading() as session:
        row = play.get_submission(session, held.id)
        foreseen = foresee(session, challenge.id, row.player_id, page)
        weight = weight_of(session, challenge, foreseen, probabilities)
    quote = make_quote(
        probabilities, challenge.target_index, challenge.cost, foreseen.q, challenge.law, weight
    )
    if isinstance(quote, AlreadyKnown):
        return _Answer(refusal="already_known", machine_id=machine.id)
    return _Answer(
        reserve=quote.reserve,
        quote=lambda row, now: quote_row(row, quote, probabilities, foreseen, machine.id, now),
        machine_id=machine.id,
    )


def _ask(challenge: DbChallenge, row: DbMachine, page: DbPage, shelf: MachineShelf) -> list[float]:
    """The machine's probabilities in the order of the challenge's labels. Raises MachineError."""
    machine = shelf.get(row)
    answer = machine.predict_proba([as_page(page)])[0]
    by_label = dict(zip(machine.classes_, answer.tolist(), strict=True))
    if set(by_label) != set(challenge.label_keys):
        raise MachineMisbehaved(f"The machine {machine.name!r} has other labels than the challenge.")
    return [float(by_label[key]) for key in challenge.label_keys]


def _write(
    session: Session, row: DbSubmission, page: DbPage, repeat: int | None, answer: _Answer, now: datetime
) -> None:
    _keep(session, row, page)
    row.step, row.wake_at, row.waiting_since, row.tries = "", None, None, 0
    if repeat is not None:
        row.state, row.refusal, row.repeats_id = "refused", how_taken(session, repeat), repeat
    elif answer.quote is None:
        row.state, row.refusal = "refused", answer.refusal
    elif reason := _unpayable(session, row, whole_price(answer.reserve, row.challenge.law), now):
        row.state, row.refusal = "refused", reason
    else:
        session.add(answer.quote(row, now))
        row.state, row.wake_at = "quoted", now + timedelta(hours=row.challenge.law.quote_hours)


def _unpayable(session: Session, row: DbSubmission, amount: int, now: datetime) -> str:
    """Why nothing can be promised for a page that may cost so much; an empty string where it can."""
    if money.free_budget(session, row.challenge_id) < amount:
        return "budget_spent"
    return stop_reason(session, row.challenge_id, now, amount)


def _keep(session: Session, row: DbSubmission, page: DbPage) -> None:
    """Write the page, unless it was written when the submission began to wait."""
    if page.id is None:
        session.add(page)
        session.flush()
        row.page_id = page.id


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
