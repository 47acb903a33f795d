"""Delete an account: the person goes, and what they found, judged and earned stays right under a name that says nothing."""

from __future__ import annotations

from datetime import datetime

from btm.rules.erasure import Ties, check_erasable, points_lost, pseudonym, why_not
from btm.rules.errors import Forbidden, NotFound
from btm.rules.people import handle_key
from btm.services.passwords import matches
from btm.services.views_people import ErasureView
from btm.store import erasure, money, people
from btm.store.acts import record_act
from btm.store.tables_people import DbAccount
from btm.store.transaction import Session, reading, transaction


def find_account_id(handle: str) -> int:
    """The account of this name, for the operator. Raises NotFound."""
    with reading() as session:
        account = people.find_by_handle(session, handle_key(handle.strip()))
    if account is None or account.erased_at is not None:
        raise NotFound(f"There is no account named {handle!r}.")
    return account.id


def show_erasure(account_id: int, *, now: datetime) -> ErasureView:
    """What would be lost, and whether anything stands in the way. Raises NotFound."""
    with reading() as session:
        account = _get(session, account_id)
        ties = _ties(session, account_id, now)
        return ErasureView(
            handle=account.handle or "",
            has_password=account.password_hash is not None,
            unpaid=max(0, ties.unpaid),
            waiting=ties.waiting,
            points_lost=points_lost(ties),
            why_not=why_not(ties),
        )


def erase_account(
    account_id: int,
    *,
    giving_up: int,
    password: str | None = None,
    is_operator: bool = False,
    now: datetime,
    new_id: str,
) -> str:
    """Erase; returns the name under which the rest stays. giving_up: the points that the person agreed to lose.

    Raises NotFound, Forbidden (`wrong_password`), Conflict (`held`, `unpaid`).
    """
    handle = pseudonym(new_id)
    with reading() as session:
        kept = _get(session, account_id).password_hash
    if not is_operator and kept is not None and not matches(kept, password or ""):
        raise Forbidden("That is not your password.", code="wrong_password")
    with transaction() as session:
        people.lock_account(session, account_id)
        old = _get(session, account_id).handle or ""
        check_erasable(_ties(session, account_id, now, lock=True), giving_up)
        erasure.leave_the_game(session, account_id)
        erasure.end_webhooks(session, account_id, now)
        erasure.forget_words(session, account_id)
        erasure.forget_platform_ids(session, account_id, handle)
        erasure.rename_in_records(session, account_id, old, handle)
        erasure.forget_ways_in(session, account_id)
        erasure.rename_account(session, account_id, handle, handle_key(handle), now)
        session.flush()
        erasure.forget_payees(session, now.replace(year=2000))
        actor = None if is_operator else account_id
        detail = {"points_given_up": giving_up, "by": "operator" if is_operator else "themselves"}
        record_act(session, "erase_account", f"account:{handle}", actor_id=actor, at=now, detail=detail)
    return handle


def _get(session: Session, account_id: int) -> DbAccount:
    account = people.find_account(session, account_id)
    if account is None or account.handle is None or account.erased_at is not None:
        raise NotFound("There is no such account.")
    return account


def _ties(session: Session, account_id: int, now: datetime, *, lock: bool = False) -> Ties:
    return Ties(
        payouts=tuple(erasure.holding_batches(session, account_id)),
        tasks=erasure.open_tasks(session, account_id, now),
        is_last_admin=erasure.is_last_admin(session, account_id, lock=lock),
        unpaid=money.balance(session, account_id),
        waiting=money.waiting(session, account_id),
    )
