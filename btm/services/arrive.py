"""Somebody comes by a platform: show what the task is, and once they take it, know them and give them a place to work."""

from __future__ import annotations

from datetime import datetime

from btm.platforms.market import Arrival
from btm.rules.errors import Conflict, Forbidden, NotFound, SignInNeeded
from btm.rules.works import deadline
from btm.services.passwords import token_hash
from btm.services.presenting import challenge_view
from btm.services.sessions import add_session
from btm.services.stopping import stop_reason
from btm.services.views_platforms import ArrivalView
from btm.services.working import TITLES, get_worker, insert_assignment
from btm.store import challenges, platforms, works
from btm.store.tables_people import DbAccount
from btm.store.tables_platforms import DbAssignment, DbWork, DbWorkSession
from btm.store.transaction import Session, reading, transaction

SLACK = 3
"""So many times as many people as there are places may begin: some give back what they took."""


def show_arrival(public_id: str, *, now: datetime) -> ArrivalView:
    """What a task is, for whoever looks; closed where the challenge takes no more pages to find. Changes nothing. Raises NotFound."""
    with reading() as session:
        work = _get_work(session, public_id)
        challenge = work.challenge
        view = challenge_view(challenge, challenges.figures(session, [challenge.id])[challenge.id], now)
        return ArrivalView(
            public_id=work.public_id,
            platform=work.platform,
            platform_title=TITLES[work.platform],
            kind=work.kind,
            title=work.title,
            pieces=work.pieces,
            reward_cents=work.reward_cents,
            minutes=work.minutes,
            is_open=_is_open(session, work, now),
            challenge=view,
            is_harmful=any(row.is_harmful for row in challenges.judged_together(session, challenge)),
        )


def start_assignment(
    public_id: str,
    arrival: Arrival,
    *,
    is_known: bool | None,
    member_id: int | None = None,
    new_token: str,
    new_id: str,
    device: str,
    now: datetime,
) -> int:
    """Begin, or go on with, an assignment under `new_token`; returns its account's id.

    is_known: what the platform says of this worker at this assignment, None where it tells only later. member_id: an account here that the
    person showed to be theirs. The same assignment again is the same one. Raises NotFound, Forbidden (`unknown_arrival`,
    `other_account`), SignInNeeded (whoever knows a worker's id must not get into a named account by it), Conflict (`over`, `closed`, `full`).
    """
    if is_known is False:
        raise Forbidden(
            "The platform does not know you at this task. Open it again from there; nothing was lost.",
            code="unknown_arrival",
        )
    with transaction() as session:
        work = _get_work(session, public_id, lock=True)
        worker = get_worker(
            session, work.platform, arrival.worker, account_id=member_id, now=now, new_id=new_id
        )
        if member_id is not None and worker.account_id != member_id:
            raise Forbidden(
                "You have already worked here under another name, so the two stay apart. Start without the code, or ask the team.",
                code="other_account",
            )
        if session.get_one(DbAccount, worker.account_id).password_hash is not None and member_id is None:
            raise SignInNeeded(
                "You have worked here under your own account. Log in with it first, then open the task again."
            )
        known = platforms.find_assignment(session, work.platform, arrival.assignment, worker.id)
        if known is None:
            _check_room(session, work, arrival, now)
        assignment = known or insert_assignment(
            session, work, worker, arrival.assignment, arrival.unit, state="working", is_known=is_known,
            arrived_at=now, deadline_at=deadline(now, work.minutes),
        )  # fmt: skip
        _check_open(assignment, work, now)
        if is_known:
            assignment.is_known = True
        session.add(
            DbWorkSession(
                token_hash=token_hash(new_token), assignment_id=assignment.id, kept={}, created_at=now
            )
        )
        add_session(session, assignment.account_id, new_token=new_token, device=device, now=now)
        return assignment.account_id


def _get_work(session: Session, public_id: str, *, lock: bool = False) -> DbWork:
    work = works.find_work(session, public_id, lock=lock)
    if work is None or work.state == "failed":
        raise NotFound("There is no such task. It may have been taken down.")
    return work


def _is_open(session: Session, work: DbWork, now: datetime) -> bool:
    """Whether somebody new may begin: no page can be found where the challenge has stopped by itself, and pages are still judged."""
    if work.state not in ("open", "publishing") or work.challenge.state != "live":
        return False
    return work.kind == "judge" or not stop_reason(session, work.challenge_id, now)


def _check_room(session: Session, work: DbWork, arrival: Arrival, now: datetime) -> None:
    """Nobody new comes in where the work is over, or to a HIT that is not ours."""
    if not _is_open(session, work, now):
        raise Conflict(
            "This task is closed. You can give it back; nothing is held against you.", code="closed"
        )
    units = {unit.external_id for unit in works.units_of(session, work.id)}
    if units and arrival.unit not in units:
        raise Forbidden(
            "This address belongs to another task. Open it again from there.", code="unknown_arrival"
        )
    begun = works.tallies(session, [work.id])[work.id]
    if sum(begun.values()) >= work.places * SLACK + SLACK:
        raise Conflict("Everybody's places in this task are taken. You can give it back.", code="full")


def _check_open(assignment: DbAssignment, work: DbWork, now: datetime) -> None:
    if assignment.state in ("submitted", "approved", "rejected"):
        raise Conflict("You have handed this in already. Thank you.", code="over")
    if now >= assignment.deadline_at:
        raise Conflict(
            "The time for this task has run out. You can take it again where it is offered.", code="over"
        )
    if assignment.state == "gone":
        assignment.state = "working"
