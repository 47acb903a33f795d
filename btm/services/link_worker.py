"""The operator says that a platform's worker is somebody with an account here: from then on both are one person."""

from __future__ import annotations

import re
from datetime import datetime

from btm.platforms.directory import MARKETS
from btm.rules.errors import Conflict, Invalid, NotFound
from btm.rules.people import handle_key
from btm.services.working import TITLES, get_worker
from btm.store import erasure, money, people, platforms
from btm.store.acts import record_act
from btm.store.tables_people import DbAccount
from btm.store.tables_platforms import DbWorker
from btm.store.transaction import Session, transaction

EXTERNAL_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


def link_worker(handle: str, platform: str, external_id: str, *, now: datetime) -> str:
    """Whoever comes by this platform's id is `handle` from now on, and is paid where they came by last. Doing it twice is the same as
    once. Returns the name under which the worker went before, empty where they never came.

    What was done and earned under the name before stays with it, and is still paid to the same worker. Raises Invalid (`platform`,
    `external_id`), NotFound, Conflict (`other_account`, `held`, `unpayable`).
    """
    if platform not in MARKETS:
        raise Invalid(f"{platform!r} is none of the platforms: {', '.join(MARKETS)}.", field="platform")
    if not EXTERNAL_ID.fullmatch(external_id):
        raise Invalid("A platform's id is of letters and digits, without spaces.", field="external_id")
    with transaction() as session:
        account = people.find_by_handle(session, handle_key(handle.strip()))
        if account is None or account.erased_at is not None:
            raise NotFound(f"There is no account named {handle!r}.")
        worker = get_worker(session, platform, external_id, account_id=account.id, now=now, new_id="")
        before = ""
        if worker.account_id != account.id:
            before = _take_from(session, worker, now)
            platforms.link_worker(session, worker.id, account.id)
        detail = {"platform": platform, "before": before}
        record_act(session, "link_worker", f"account:{account.handle}", actor_id=None, at=now, detail=detail)
    return before


def _take_from(session: Session, worker: DbWorker, now: datetime) -> str:
    """The name of the account that a worker leaves. Raises Conflict where it must not lose them."""
    people.lock_account(session, worker.account_id)
    account = session.get_one(DbAccount, worker.account_id)
    if account.password_hash is not None:
        raise Conflict(
            f"This worker is {account.handle}, an account with a password of its own. Two such accounts are not made one.",
            code="other_account",
        )
    if erasure.open_tasks(session, account.id, now) or erasure.holding_batches(session, account.id):
        raise Conflict(
            f"A task or a payment of {account.handle} is on its way on {TITLES[worker.platform]}. Try again once it is settled.",
            code="held",
        )
    if money.balance(session, account.id) > 0 and not platforms.has_payable(session, account.id):
        raise Conflict(
            f"{account.handle} has points, and no approved task that {TITLES[worker.platform]} would pay them against. Settle that first.",
            code="unpayable",
        )
    return account.handle or ""
