"""Look after work on a platform: put it up, see who handed what in, approve what was done, take it down. The row is the truth: a look
that was cut short is taken up again when its lease is over, and every call to a platform may be made twice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from btm.platforms.market import Market, Published, Seen
from btm.platforms.platform import PlatformDown, PlatformRefused
from btm.rules.errors import Conflict, NotFound
from btm.rules.works import state_after
from btm.services.modelling import get_modelled
from btm.services.recording import record
from btm.services.working import count_new, get_worker, insert_assignment, task_of
from btm.store import platforms, works
from btm.store.tables_platforms import DbAssignment, DbGrant, DbTopicQualification, DbUnit, DbWork
from btm.store.transaction import Session, insert_once, reading, transaction

LEASE = timedelta(minutes=5)
EVERY = timedelta(minutes=2)
LATER = timedelta(minutes=10)
AFTER = timedelta(days=30)
"""So long after its last day closed work is still looked at, for what is handed in or approved late."""
SHORT = (
    "Handed in with {done} of {pieces} pages done here. It is for you to approve or reject on the platform."
)
MOST_GRANTS = 50


@dataclass(frozen=True)
class WorkTools:
    """The platforms by name, the clock, and new ids."""

    market: Callable[[str], Market]
    clock: Callable[[], datetime]
    new_id: Callable[[], str]


def tend_work(work_id: int, tools: WorkTools) -> None:
    """Do for a work what its state asks for. Without effect where somebody else is at it, or it is not due."""
    now = tools.clock()
    with transaction() as session:
        if not works.take(session, work_id, now, now + LEASE):
            return
        work = works.get_work(session, work_id)
        state, name = work.state, work.platform
    try:
        market = tools.market(name)
        if state == "publishing":
            _publish(work_id, market)
        elif state == "closing":
            _close(work_id, market, now)
        else:
            _sync(work_id, market, tools)
    except PlatformDown as error:
        _note(work_id, error.sentence, now + EVERY)
    except PlatformRefused as error:
        _note(
            work_id,
            error.sentence,
            None if state == "publishing" else now + LATER,
            failed=state == "publishing",
        )


def _note(work_id: int, trouble: str, wake_at: datetime | None, *, failed: bool = False) -> None:
    with transaction() as session:
        work = works.get_work(session, work_id, lock=True)
        work.trouble, work.wake_at = trouble, wake_at
        if failed and work.state == "publishing":
            work.state = "failed"


def _publish(work_id: int, market: Market) -> None:
    with transaction() as session:
        work = works.get_work(session, work_id, lock=True)
        topic = work.challenge.topic
        needs, known = (
            bool(work.requirements.get("needs_test")),
            platforms.qualification_of(session, market.name, topic),
        )
        work.tries += 1
        resuming, task = work.tries > 1, task_of(work, known)
    if needs and not known:
        known = market.make_qualification(f"Test passed: {topic}", "Passed our test for judging these pages.")
        with transaction() as session:
            insert_once(
                session, DbTopicQualification, {"platform": market.name, "topic": topic, "external_id": known}
            )
            task = task_of(works.get_work(session, work_id), known)
    published = market.publish(task, resuming=resuming)
    with transaction() as session:
        _keep(session, works.get_work(session, work_id, lock=True), published)


def _keep(session: Session, work: DbWork, published: Published) -> None:
    for unit in published.units:
        insert_once(
            session, DbUnit, {"work_id": work.id, "external_id": unit.external_id, "places": unit.places}
        )
    work.group_id, work.page, work.cost_cents, work.trouble = (
        published.group_id,
        published.page,
        published.cost_cents,
        "",
    )
    if work.state == "publishing":  # it may have been closed meanwhile: then it is due already
        work.state = "open"


def _close(work_id: int, market: Market, now: datetime) -> None:
    """Nobody new. Work whose publishing may have got half way is put up whole first, so that nothing of it is forgotten there."""
    with reading() as session:
        work = works.get_work(session, work_id)
        is_half = work.tries > 0 and not work.group_id
    if is_half:
        _publish(work_id, market)
    with reading() as session:
        units = [unit.external_id for unit in works.units_of(session, work_id)]
    market.close(units)
    with transaction() as session:
        work = works.get_work(session, work_id, lock=True)
        work.state, work.closed_at, work.trouble, work.wake_at = "closed", now, "", now + EVERY


def _sync(work_id: int, market: Market, tools: WorkTools) -> None:
    """See what the platform has, approve what was done, give qualifications, and say when to look again."""
    now = tools.clock()
    with reading() as session:
        units = [unit.external_id for unit in works.units_of(session, work_id)]
    seen = [each for unit in units for each in market.list_assignments(unit)]
    with transaction() as session:
        work = works.get_work(session, work_id, lock=True)
        to_approve = [row_id for each in seen if (row_id := _take_in(session, work, each, tools, now))]
        _let_go(session, work, {(each.assignment, each.worker) for each in seen}, now)
    for row_id in to_approve:
        _approve(row_id, market, now)
    _grant(market, now)
    with transaction() as session:
        work = works.get_work(session, work_id, lock=True)
        work.trouble = ""
        ended = work.created_at + timedelta(days=work.days)
        if work.state == "open" and now >= ended:
            work.state, work.closed_at = "closed", now
        if work.state == "closing":
            work.wake_at = now
        elif now >= ended + AFTER or (
            work.state == "closed" and now >= ended and not works.unsettled(session, work_id)
        ):
            work.wake_at = None
        else:
            work.wake_at = now + (EVERY if work.state == "open" else LATER)


def _take_in(session: Session, work: DbWork, seen: Seen, tools: WorkTools, now: datetime) -> int | None:
    """Write down what the platform says of an assignment; returns its row's id where it is to be approved."""
    if not seen.worker:
        return None
    worker = get_worker(session, work.platform, seen.worker, account_id=None, now=now, new_id=tools.new_id())
    row = insert_assignment(
        session, work, worker, seen.assignment, seen.unit, state="working", is_known=True, arrived_at=now,
        deadline_at=now + timedelta(minutes=work.minutes),
    )  # fmt: skip
    row.is_known = True
    before, row.state = row.state, state_after(row.state, seen.state)
    if row.state == "approved":
        row.settled_at, row.trouble = row.settled_at or now, ""
    if row.state != "submitted":
        return None
    done = count_new(session, row)
    if before == "done" or row.done_at is not None or done >= work.pieces:
        return row.id
    row.trouble = SHORT.format(done=done, pieces=work.pieces)
    return None


def _let_go(session: Session, work: DbWork, seen: set[tuple[str, str]], now: datetime) -> None:
    """Who took something, did not hand it in and is out of time has given it back."""
    for row in works.unsettled(session, work.id):
        if (
            row.state != "submitted"
            and now >= row.deadline_at
            and (row.external_id, row.worker.external_id) not in seen
        ):
            row.state = "gone"


def _approve(row_id: int, market: Market, now: datetime) -> None:
    with reading() as session:
        external_id = platforms.get_assignment(session, row_id).external_id
    trouble = ""
    try:
        market.approve(external_id)
    except PlatformRefused as error:
        trouble = error.sentence
    with transaction() as session:
        row: DbAssignment = platforms.get_assignment(session, row_id, lock=True)
        row.trouble = trouble
        if not trouble:
            row.state, row.settled_at = "approved", now


def _grant(market: Market, now: datetime) -> None:
    """Tell the platform who passed a test here."""
    if not market.tells_qualified:
        return
    with reading() as session:
        waiting = platforms.to_grant(session, market.name, MOST_GRANTS)
    for worker_id, worker, topic, qualification in waiting:
        try:
            market.grant(qualification, worker)
        except PlatformRefused:
            continue  # the platform does not know them any more; everybody else still gets theirs
        with transaction() as session:
            insert_once(session, DbGrant, {"worker_id": worker_id, "topic": topic, "granted_at": now})


def sync_work(slug: str, public_id: str, tools: WorkTools, *, asker_id: int | None) -> None:
    """Look after a work now rather than when its turn comes. Raises NotFound, Forbidden, Conflict (it failed, or is looked after this
    very moment)."""
    now = tools.clock()
    with transaction() as session:
        challenge = get_modelled(session, slug, asker_id)
        work = works.find_work(session, public_id, lock=True)
        if work is None or work.challenge_id != challenge.id:
            raise NotFound("This challenge has no such work.")
        if work.state == "failed":
            raise Conflict(f"It could not be published: {work.trouble}")
        if work.state in ("open", "closed"):
            work.wake_at = now
        elif (
            work.wake_at is not None and work.wake_at > now
        ):  # putting the same work up twice at once might double it
            raise Conflict("It is being looked after, or will be in a few minutes. Nothing is lost.")
        record(session, challenge, "sync_work", asker_id, now, work=public_id)
        work_id = work.id
    tend_work(work_id, tools)
