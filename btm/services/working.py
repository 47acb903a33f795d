"""People who come by a platform, and what they did there. Shared by the services."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from btm.platforms.market import Requirements, Task
from btm.rules.people import handle_key
from btm.services.views_platforms import AssignmentView, WorkView
from btm.store import platforms
from btm.store.tables_people import DbAccount
from btm.store.tables_platforms import DbAssignment, DbPiece, DbWork, DbWorker
from btm.store.transaction import Session, insert_once

TITLES = {"mturk": "Mechanical Turk", "prolific": "Prolific", "link": "an invite", "local": "here"}


def get_worker(
    session: Session, platform: str, external_id: str, *, account_id: int | None, now: datetime, new_id: str
) -> DbWorker:
    """The worker with a platform's id: the one known, or a new one, who is `account_id` or a new account under a made-up name.
    (Names are public, and a platform's id is nobody's business.)"""
    found = platforms.find_worker(session, platform, external_id)
    if found is not None:
        return found
    own = account_id if account_id is not None else _new_account(session, now, new_id)
    values = {"platform": platform, "external_id": external_id, "account_id": own, "created_at": now}
    worker_id = insert_once(session, DbWorker, values)
    worker = platforms.find_worker(session, platform, external_id)
    if worker is None:
        raise LookupError("a worker who was there a moment ago is gone")
    if (
        worker_id is None and account_id is None
    ):  # somebody else was first: the account just made is not needed
        session.delete(session.get_one(DbAccount, own))
    return worker


def _new_account(session: Session, now: datetime, new_id: str) -> int:
    handle = f"guest-{new_id[:12]}"
    account = DbAccount(handle=handle, handle_key=handle_key(handle), password_hash=None, created_at=now)
    session.add(account)
    session.flush()
    return account.id


def insert_assignment(
    session: Session, work: DbWork, worker: DbWorker, external_id: str, unit: str, **more: object
) -> DbAssignment:
    """The assignment, locked: the one that is there, or a new one."""
    values = {
        "work_id": work.id, "worker_id": worker.id, "account_id": worker.account_id, "platform": work.platform,
        "external_id": external_id, "unit": unit, **more,
    }  # fmt: skip
    insert_once(session, DbAssignment, values)
    found = platforms.find_assignment(session, work.platform, external_id, worker.id)
    if found is None:
        raise LookupError("an assignment that was there a moment ago is gone")
    return found


def count_new(session: Session, assignment: DbAssignment) -> int:
    """Count what was done since the last time, up to what was asked; returns how much is done now. What is counted for one assignment
    counts for no other: a unique constraint decides."""
    done = platforms.count_pieces(session, [assignment.id])[assignment.id]
    kind = assignment.work.kind
    for ref in platforms.uncounted(session, assignment, assignment.work.pieces - done):
        values = {"assignment_id": assignment.id, "kind": kind, "ref_id": ref}
        done += insert_once(session, DbPiece, values) is not None
    return done


def assignment_view(assignment: DbAssignment, done: int, now: datetime) -> AssignmentView:
    work = assignment.work
    return AssignmentView(
        id=assignment.id,
        account_id=assignment.account_id,
        platform=assignment.platform,
        platform_title=TITLES[assignment.platform],
        external_id=assignment.external_id,
        kind=work.kind,
        slug=work.challenge.slug,
        topic=work.challenge.topic,
        title=work.title,
        pieces=work.pieces,
        done=done,
        state=assignment.state,
        reward_cents=work.reward_cents,
        deadline_at=assignment.deadline_at,
        is_over=assignment.state not in ("working", "done") or now >= assignment.deadline_at,
        completion_code=work.completion_code,
    )


def task_of(work: DbWork, qualification: str = "") -> Task:
    """A work as its platform is asked for it."""
    wanted = work.requirements
    return Task(
        key=work.public_id, title=work.title, description=work.description, url=work.url, reward_cents=work.reward_cents,
        places=work.places, minutes=work.minutes, days=work.days, completion_code=work.completion_code,
        keywords=("web pages", "judge" if work.kind == "judge" else "find"),
        requirements=Requirements(
            min_approval=wanted.get("min_approval", 0), min_approved=wanted.get("min_approved", 0),
            countries=tuple(wanted.get("countries", ())), qualification=qualification if wanted.get("needs_test") else "",
        ),
    )  # fmt: skip


def work_view(work: DbWork, counts: Mapping[str, int]) -> WorkView:
    return WorkView(
        public_id=work.public_id, platform=work.platform, platform_title=TITLES[work.platform],
        challenge_slug=work.challenge.slug if work.challenge else "", kind=work.kind, title=work.title,
        description=work.description, pieces=work.pieces, places=work.places, reward_cents=work.reward_cents,
        minutes=work.minutes, state=work.state, trouble=work.trouble, page=work.page, cost_cents=work.cost_cents,
        created_at=work.created_at, closed_at=work.closed_at, counts=dict(counts),
    )  # fmt: skip
