"""Sums of the ledger up to a row of it, so that a sum over all of a challenge's rows need not begin at the first one.

A checkpoint is only ever a shortcut. It holds the sum over every row of a challenge with an id up to `up_to_id`, rows are never
changed or deleted, and `last_final` names only ids below which no row can appear any more; so checkpoint and later rows together
are the plain sum, whether the checkpoint is fresh, old, or not there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any, cast

from sqlalchemy import ColumnElement, Integer, Select, Table, bindparam, func, literal_column, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from btm.rules.budget import Pots
from btm.store.tables import DbChallenge, DbCheckpoint, DbEntry

PATIENCE = "100ms"
"""So long those who write to the ledger may be held up; where that is too short, the next sweep tries again."""
WORTHWHILE = 200
"""Fewer rows than this are summed as fast without a checkpoint of their own."""

ENTRY, CHECKPOINT = cast(Table, DbEntry.__table__), cast(Table, DbCheckpoint.__table__)
CHALLENGE = cast(Table, DbChallenge.__table__)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The sums of a challenge's budget and escrow columns over all its rows up to an id."""

    challenge_id: int
    up_to_id: int
    budget: int
    escrow: int


def free_budget(session: Session, challenge_id: int) -> int:
    """What a challenge may still promise: the sum of its rows, in one statement and so in one state of the database."""
    return int(session.scalar(_free_budget(), {"challenge": challenge_id}))


def spent(session: Session, challenge_id: int) -> int:
    """What of a challenge's points is promised, or was earned: all that was put in, less what is free, in one statement. Whatever is
    neither put in nor paid out only moves between budget, promise and worker, which the table itself checks; so this is the sum
    over all rows, and reads the few by which points were put in."""
    return int(session.scalar(_spent(), {"challenge": challenge_id}))


def pots(session: Session, challenge_ids: Sequence[int]) -> dict[int, Pots]:
    """Where the points of several challenges are, in one statement. What workers earned is what was put in and is neither free nor
    promised, as in `spent`."""
    found = {}
    for row in session.execute(_pots(), {"challenges": list(challenge_ids)}):
        funded, free, promised = map(int, row[1:])
        found[row[0]] = Pots(funded, promised, funded - free - promised)
    return found


def last_final(session: Session) -> int | None:
    """The newest id of the ledger, if no row below it can appear any more; None where that cannot be said now. To be asked at
    the beginning of a transaction that ends at once.

    On SQLite a writing transaction is alone, and ids are given in the order of commits. PostgreSQL gives out ids before the
    commit: a row with a lower id may be committed after one with a higher. Whoever inserts locks the table (ROW EXCLUSIVE)
    before the id is drawn, and keeps that lock until the transaction has ended. SHARE is granted only where nobody holds it: at
    that moment every id that was ever drawn belongs to a row that can be seen, or to none, and every later one is higher.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text(f"SET LOCAL lock_timeout = '{PATIENCE}'"))
        try:
            with session.begin_nested():
                session.execute(text("LOCK TABLE ledger IN SHARE MODE"))
        except OperationalError:
            return None
    newest: int | None = session.scalar(select(func.max(ENTRY.c.id)))
    return newest


def ahead(session: Session, up_to_id: int) -> list[Checkpoint]:
    """The checkpoints at this id of all challenges that have WORTHWHILE rows since their last one."""
    known = {row.challenge_id: Checkpoint(*row) for row in session.execute(select(*_columns()))}
    made = []
    for challenge_id in session.scalars(select(DbChallenge.id).order_by(DbChallenge.id)):
        before = known.get(challenge_id, Checkpoint(challenge_id, 0, 0, 0))
        more = (func.coalesce(func.sum(column), 0) for column in (ENTRY.c.budget, ENTRY.c.escrow))
        count, budget, escrow = session.execute(
            select(func.count(), *more).where(
                ENTRY.c.challenge_id == challenge_id, ENTRY.c.id > before.up_to_id, ENTRY.c.id <= up_to_id
            )
        ).one()
        if count >= WORTHWHILE:
            sums = before.budget + int(budget), before.escrow + int(escrow)
            made.append(Checkpoint(challenge_id, up_to_id, *sums))
    return made


def keep(session: Session, checkpoints: Sequence[Checkpoint]) -> None:
    """Write checkpoints in place of older ones; one that is newer stays."""
    make: Any = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    for each in checkpoints:
        new = make(CHECKPOINT).values(**asdict(each))
        session.execute(
            new.on_conflict_do_update(
                index_elements=["challenge_id"],
                set_={name: new.excluded[name] for name in ("up_to_id", "budget", "escrow")},
                where=CHECKPOINT.c.up_to_id < new.excluded.up_to_id,
            )
        )


def _columns() -> tuple[Any, ...]:
    return CHECKPOINT.c.challenge_id, CHECKPOINT.c.up_to_id, CHECKPOINT.c.budget, CHECKPOINT.c.escrow


def _sum_of(column: str, challenge: ColumnElement[int]) -> ColumnElement[int]:
    """The sum of a column over all of a challenge's rows: what its checkpoint holds, and what came later."""

    def kept(name: str) -> ColumnElement[int]:
        one = select(CHECKPOINT.c[name]).where(CHECKPOINT.c.challenge_id == challenge)
        return func.coalesce(one.correlate(CHALLENGE).scalar_subquery(), 0)

    later = select(func.coalesce(func.sum(ENTRY.c[column]), 0)).where(
        ENTRY.c.challenge_id == challenge, ENTRY.c.id > kept("up_to_id")
    )
    return kept(column) + later.correlate(CHALLENGE).scalar_subquery()


def _funded(challenge: ColumnElement[int]) -> ColumnElement[int]:
    rows = select(func.coalesce(func.sum(ENTRY.c.budget), 0)).where(
        ENTRY.c.challenge_id == challenge, ENTRY.c.kind == literal_column("'fund'")
    )
    return rows.correlate(CHALLENGE).scalar_subquery()


@cache
def _free_budget() -> Select[Any]:
    return select(_sum_of("budget", bindparam("challenge", type_=Integer)))


@cache
def _spent() -> Select[Any]:
    challenge = bindparam("challenge", type_=Integer)
    return select(_funded(challenge) - _sum_of("budget", challenge))


@cache
def _pots() -> Select[Any]:
    one = CHALLENGE.c.id
    sums = _funded(one), _sum_of("budget", one), _sum_of("escrow", one)
    return select(one, *sums).where(one.in_(bindparam("challenges", expanding=True)))
