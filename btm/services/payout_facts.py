"""What can be paid out to whom, and batches as values. Shared by the services."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from btm.rules.errors import Invalid, NotFound
from btm.rules.holding import WHY, free_points
from btm.rules.payouts import BY_FILE, Difference, Share, is_done, share
from btm.rules.settings import rules_from
from btm.services.holding import Held, find_holds
from btm.services.presenting import host_of
from btm.services.views_money import HeldView
from btm.services.views_payouts import BatchView, CountView, DifferenceView, PayoutView
from btm.store import holds, machines, payees, payouts
from btm.store.acts import record_act
from btm.store.payees import Payee
from btm.store.tables_money import DbPayout, DbPayoutBatch
from btm.store.transaction import Session

PLATFORMS = ("local", "link", "mturk", "prolific")
MOST_CENTS = 100_000_000
FIRST_YEAR = 2000


def check_platform(name: str) -> str:
    """The name, if there is such a platform. Raises Invalid (field `platform`)."""
    if name not in PLATFORMS:
        raise Invalid(
            f"There is no platform called {name!r}. Choose {', '.join(PLATFORMS)}.", field="platform"
        )
    return name


def check_least(cents: int) -> int:
    """The least sum that is paid, in cents. Raises Invalid (field `least`)."""
    if not 1 <= cents <= MOST_CENTS:
        raise Invalid("The least payment is at least one cent.", field="least")
    return cents


def check_cutoff(cutoff: datetime, now: datetime) -> datetime:
    """The moment up to which points are paid. Raises Invalid (field `cutoff`) for one that has not come, or has no date in UTC."""
    if cutoff.year < FIRST_YEAR:
        raise Invalid(
            f"Nobody earned anything before the year {FIRST_YEAR}. Choose a later day.", field="cutoff"
        )
    if cutoff.year > now.year + 1 or cutoff > now:
        raise Invalid(
            "What is earned in the future cannot be paid yet. Choose a day that is over.", field="cutoff"
        )
    return cutoff


@dataclass(frozen=True, slots=True)
class Payable:
    """What can be paid to whom: those who reach the least sum, how many of those who would be paid something do not, and what waits
    because its page has to be looked at again first."""

    found: list[tuple[Payee, Share]]
    below: int
    held: list[Held]


def payable(
    session: Session, people: Sequence[Payee], cutoff: datetime, least_cents: int, now: datetime
) -> Payable:
    """What each of these would be paid now. Balances are read before what is held of them."""
    accounts = [each.account_id for each in people]
    balances = payouts.unpaid(session, accounts, cutoff)
    wanted = set(accounts)
    held = [each for each in find_holds(session, cutoff=cutoff, now=now) if each.find.account_id in wanted]
    waits: Counter[tuple[int, int]] = Counter()
    for each in held:
        waits[each.find.account_id, each.find.challenge_id] += each.find.points
    rates: dict[int, int] = {}
    found, below = [], 0
    for payee in people:
        lines = [
            (
                challenge_id,
                free_points(points, waits[payee.account_id, challenge_id]),
                rates.setdefault(challenge_id, rules_from(rules).points_per_usd),
            )
            for challenge_id, points, rules in balances.get(payee.account_id, ())
        ]
        due = share(lines)
        if due.cents >= least_cents:
            found.append((payee, due))
        elif due.cents:
            below += 1
    return Payable(found, below, held)


def get_batch(session: Session, public_id: str, *, lock: bool = False) -> DbPayoutBatch:
    """The batch with this public id. Raises NotFound."""
    batch = payouts.find_batch(session, public_id, lock=lock)
    if batch is None:
        raise NotFound("There is no such batch of payments.")
    return batch


def payees_of(session: Session, platform: str) -> list[Payee]:
    """Everybody who is paid through a platform."""
    return payees.payees(session, check_platform(platform))


def batch_views(session: Session, rows: Sequence[DbPayoutBatch]) -> list[BatchView]:
    """Batches as values, in three queries."""
    held = holds.held_sums(session, [row.id for row in rows])
    counts = payouts.counts(session, [row.id for row in rows])
    people = {i for row in rows for i in (row.created_by, row.frozen_by, row.approved_by) if i is not None}
    names = machines.handles(session, people)
    return [_batch_view(row, counts[row.id], names, held.get(row.id, (0, 0))) for row in rows]


def _batch_view(
    row: DbPayoutBatch,
    counts: dict[str, tuple[int, int, int]],
    names: dict[int, str],
    held: tuple[int, int],
) -> BatchView:
    def name(account_id: int | None, at: datetime | None) -> str:
        return names.get(account_id, "") if account_id is not None else "the operator" if at else ""

    lines = tuple(CountView(state, *sums) for state, sums in sorted(counts.items()))
    return BatchView(
        public_id=row.public_id,
        platform=row.platform,
        state=row.state,
        cutoff=row.cutoff,
        least_cents=row.least_cents,
        cents=sum(line.cents for line in lines),
        points=sum(line.points for line in lines),
        number=sum(line.number for line in lines),
        counts=lines,
        message=row.message,
        differences=tuple(DifferenceView(**each) for each in row.differences),
        is_busy=row.wake_at is not None,
        pays_by_file=row.platform in BY_FILE,
        may=tuple(_may(row, {state: sums[0] for state, sums in counts.items()})),
        created_by=name(row.created_by, row.created_at),
        created_at=row.created_at,
        frozen_by=name(row.frozen_by, row.frozen_at),
        frozen_at=row.frozen_at,
        approved_by=name(row.approved_by, row.approved_at),
        approved_at=row.approved_at,
        paid_at=row.paid_at,
        reconciled_at=row.reconciled_at,
        cancelled_at=row.cancelled_at,
        held_pages=held[0],
        held_points=held[1],
    )


def _may(row: DbPayoutBatch, counts: dict[str, int]) -> list[str]:
    """What may be done next."""
    steps = {"open": ["freeze", "cancel"], "frozen": ["approve", "cancel"], "approved": ["pay", "cancel"]}
    found = list(steps.get(row.state, ()))
    if row.state in ("paid", "reconciled") and row.wake_at is None and is_done(counts):
        found += ["retry", "give_back"] if counts.get("refused") else []
        found += ["reconcile"]
    if row.platform in BY_FILE and row.state in ("approved", "paying", "paid", "reconciled"):
        found += ["file"]
    return found


def payout_view(row: DbPayout, handle: str) -> PayoutView:
    """A payment as a value."""
    values: dict[str, Any] = {
        name: getattr(row, name) for name in PayoutView.__dataclass_fields__ if name != "handle"
    }
    return PayoutView(handle=handle, **values)


def held_from(session: Session, batch: DbPayoutBatch, limit: int) -> tuple[HeldView, ...]:
    """What was held from a batch when it was frozen, as it was then."""
    return tuple(
        HeldView(
            public_id, slug, handle, title, host_of(url), hold.points, hold.why, WHY[hold.why], hold.until
        )
        for hold, public_id, url, title, handle, slug in holds.held_from(session, batch.id, limit)
    )


def note_differences(
    session: Session,
    batch: DbPayoutBatch,
    found: Sequence[Difference],
    *,
    actor_id: int | None,
    now: datetime,
) -> None:
    """Write down how our rows and the other side's compare; where nothing differs, the batch is reconciled."""
    handles = {payout.key: handle for payout, handle in payouts.payouts_of(session, batch.id)}
    batch.differences = [asdict(each) | {"handle": handles.get(each.key, "")} for each in found]
    batch.state = "paid" if found else "reconciled"
    batch.reconciled_at, batch.wake_at, batch.message = now, None, ""
    detail = {"differences": len(found)}
    record_act(
        session, "compare_payout", f"payout:{batch.public_id}", actor_id=actor_id, at=now, detail=detail
    )
