"""A write by API happens once for a key, and is answered the same whenever it is sent again."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta

from btm.rules.errors import Conflict, Invalid
from btm.store import calls
from btm.store.tables_api import DbCall
from btm.store.transaction import Session, beside, insert_once, transaction

LEASE = timedelta(seconds=60)
IN_PROGRESS = "The first request with this key is still at work. Wait a little, and send it again."
UNKNOWN = (
    "This was carried out, but the process was stopped before its answer was kept. Look at the thing itself; "
    "it was not done twice."
)


@dataclass(frozen=True, slots=True)
class Begun:
    """A call that is ours to carry out."""

    id: int
    fence: int


@dataclass(frozen=True, slots=True)
class Answered:
    """What was answered the first time."""

    status: int
    headers: dict[str, str]
    body: str


def begin_call(account_id: int, key: str, fingerprint: str, *, now: datetime) -> Begun | Answered:
    """Take up a call, or say what it was answered. fingerprint: a hash of all that was sent.

    Raises Invalid (`key_reused`) where the key stood for something else, and Conflict: `in_progress` while another request is at
    it, `outcome_unknown` where it was carried out by a process that was stopped before it could answer.
    """
    with transaction() as session:
        values = {
            "account_id": account_id, "key": key, "fingerprint": fingerprint, "state": "begun", "fence": 0, "begun_at": now,
            "lease_until": now + LEASE, "headers": {}, "body": "",
        }  # fmt: skip
        call_id = insert_once(session, DbCall, values)
        if call_id is not None:
            return Begun(call_id, 0)
        call = calls.find_call(session, account_id, key)
        if call is None:
            raise Conflict(IN_PROGRESS, code="in_progress")
        return _again(session, call, fingerprint, now)


def _again(session: Session, call: DbCall, fingerprint: str, now: datetime) -> Begun | Answered:
    if call.fingerprint != fingerprint:
        raise Invalid(
            "This Idempotency-Key came with another request before. Use a new one for each thing that you want done.",
            code="key_reused",
        )
    if call.state == "done" and call.status is not None:
        return Answered(call.status, call.headers, call.body)
    if call.lease_until <= now:
        if call.state == "acted":
            raise Conflict(UNKNOWN, code="outcome_unknown")
        fence = calls.take_up(session, call, now, now + LEASE)
        if fence is not None:
            return Begun(call.id, fence)
    raise Conflict(IN_PROGRESS, code="in_progress")


def carrying_out(call: Begun) -> AbstractContextManager[None]:
    """Within this, the first transaction that is committed says in itself that the call was carried out: a process that is killed
    leaves both or neither, and one that was given up for dead commits nothing."""

    def mark(session: Session) -> None:
        if not calls.mark_acted(session, call.id, call.fence):
            raise Conflict(IN_PROGRESS, code="in_progress")

    return beside(mark)


def end_call(call: Begun, *, status: int, headers: dict[str, str], body: str) -> None:
    """Keep the answer. A refusal before anything was committed is not kept: the key may be used for a better request."""
    with transaction() as session:
        if status < 400 or not calls.drop_call(session, call.id, call.fence):
            calls.keep_answer(session, call.id, call.fence, status=status, headers=headers, body=body)
