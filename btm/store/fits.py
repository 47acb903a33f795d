"""Queries behind the exact computation of what is known of a topic's judges: what it reads, and how its result is written whole."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Select, Table, bindparam, case, func, or_, select, update
from sqlalchemy.orm import Session

from btm.store.quality import count_disputed
from btm.store.tables import (
    DbChallenge,
    DbGold,
    DbJudge,
    DbJudgement,
    DbJury,
    DbJuryFit,
    DbReviewItem,
    DbStandingChange,
)
from btm.store.transaction import insert_many, insert_once

AT_ONCE = 20_000
WAITS = ("open", "undecided")


@dataclass(frozen=True, slots=True)
class Withdrawals:
    """Tells whether judgements up to some point were withdrawn or restored between two looks."""

    count: int
    ids: int
    disputed: int


@dataclass(frozen=True, slots=True)
class Labelled:
    """A topic's labelled judgements in the order in which they came: columns of length n. `gold` is 0 for an item that is none,
    `label` an index into the jury's labels; `waits`: the item has no verdict, and this is of its round."""

    judge: NDArray[np.int64]
    item: NDArray[np.int64]
    round: NDArray[np.int64]
    gold: NDArray[np.int64]
    label: NDArray[np.int64]
    waits: NDArray[np.bool_]
    seconds: NDArray[np.float64]


def withdrawals(session: Session, topic: str, up_to: int) -> Withdrawals:
    """What is withdrawn now of a topic's judges' answers up to a judgement. Only those whose standing ever changed are looked at."""
    changed = (
        select(DbJudge.account_id)
        .join(DbStandingChange, DbStandingChange.judge_id == DbJudge.id)
        .where(DbJudge.topic == topic)
    )
    count, ids = session.execute(
        select(func.count(), func.coalesce(func.sum(DbJudgement.id), 0)).where(
            DbJudgement.judge_id.in_(changed), DbJudgement.withdrawn_at.is_not(None), DbJudgement.id <= up_to
        )
    ).one()
    return Withdrawals(int(count), int(ids), count_disputed(session, topic))


def read_labelled(session: Session, topic: str, labels: Sequence[str], up_to: int) -> Labelled:
    """All that count of a topic's labelled judgements up to one of them, streamed; gold that was found to be wrong is left out."""
    query = _labelled(topic, labels).where(DbJudgement.id <= up_to)
    parts: list[tuple[Any, ...]] = []
    result = session.execute(query, execution_options={"yield_per": AT_ONCE})
    for rows in result.partitions():
        *whole, seconds = zip(*rows, strict=True)
        parts.append((*(np.array(column, dtype=np.int64) for column in whole), np.array(seconds, float)))
    if not parts:
        parts = [(np.empty(0, dtype=np.int64),) * 7 + (np.empty(0),)]
    columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
    order = np.argsort(columns[0])
    _, judge, item, round_, gold, label, waits, times = (column[order] for column in columns)
    return Labelled(judge, item, round_, gold, label, waits.astype(bool), times)


def _labelled(topic: str, labels: Sequence[str]) -> Select[Any]:
    """(id, judge, item, round, gold, label, waits, seconds) of the labelled judgements that count."""
    code: ColumnElement[int] = case({key: place for place, key in enumerate(labels)}, value=DbJudgement.label)
    waits = (
        DbReviewItem.state.in_(WAITS)
        & DbReviewItem.gold_id.is_(None)
        & (DbReviewItem.round == DbJudgement.round)
    )
    return (
        select(
            DbJudgement.id, DbJudgement.judge_id, DbJudgement.item_id, DbJudgement.round,
            func.coalesce(DbReviewItem.gold_id, 0), code, case((waits, 1), else_=0), DbJudgement.seconds,
        )
        .join(DbReviewItem, DbReviewItem.id == DbJudgement.item_id)
        .outerjoin(DbGold, DbGold.id == DbReviewItem.gold_id)
        .where(
            DbReviewItem.topic == topic,
            DbJudgement.label.in_(list(labels)),
            DbJudgement.withdrawn_at.is_(None),
            or_(DbGold.id.is_(None), DbGold.retired_why != "disputed"),
        )
    )  # fmt: skip


def gold_truths(session: Session, topic: str) -> dict[int, str]:
    """The true label of each gold page of a topic, by its id."""
    return dict(session.execute(select(DbGold.id, DbGold.truth).where(DbGold.topic == topic)).all())


def desk_verdicts(session: Session, topic: str) -> list[tuple[int, int, str]]:
    """What modelers decided at the desk: (item, round, label)."""
    rows = session.execute(
        select(DbReviewItem.id, DbReviewItem.round, DbReviewItem.verdict).where(
            DbReviewItem.topic == topic,
            DbReviewItem.decided_by.is_not(None),
            DbReviewItem.verdict.is_not(None),
        )
    )
    return [(item, round_, label or "") for item, round_, label in rows]


def items_with_answers(
    session: Session, item_ids: Iterable[int], *, lock: bool = False
) -> Iterator[tuple[DbReviewItem, list[DbJudgement]]]:
    """Items in the order of their ids, each with the answers that count for it, a batch at a time."""
    ids = sorted(item_ids)
    for start in range(0, len(ids), 500):
        some = ids[start : start + 500]
        query = select(DbReviewItem).where(DbReviewItem.id.in_(some)).order_by(DbReviewItem.id)
        if lock:
            query = query.with_for_update(of=DbReviewItem, key_share=True)
        items = {item.id: item for item in session.scalars(query)}
        answers: dict[int, list[DbJudgement]] = {item: [] for item in items}
        for answer in session.scalars(
            select(DbJudgement)
            .where(DbJudgement.item_id.in_(some), DbJudgement.withdrawn_at.is_(None))
            .order_by(DbJudgement.id)
        ):
            if answer.round == items[answer.item_id].round:
                answers[answer.item_id].append(answer)
        if not lock:
            session.expunge_all()
        yield from ((item, answers[item.id]) for item in items.values())


@dataclass(frozen=True, slots=True)
class Late:
    """A judgement that came while the computation ran. `label` and `truth` are indices; `label` is None for an answer without one."""

    judge: int
    item: int
    round: int
    challenge: int
    is_gold: bool
    label: int | None
    truth: int | None


def judgements_since(session: Session, panel: DbJury, after: int) -> list[Late]:
    """A topic's judgements after one of them, in their order; the withdrawn are left out."""
    rows = session.execute(
        select(
            DbJudgement.judge_id, DbJudgement.item_id, DbJudgement.round, DbReviewItem.challenge_id,
            DbReviewItem.gold_id, DbJudgement.label, DbGold.truth,
        )
        .join(DbReviewItem, DbReviewItem.id == DbJudgement.item_id)
        .outerjoin(DbGold, DbGold.id == DbReviewItem.gold_id)
        .where(
            DbJudgement.id > after,
            DbReviewItem.topic == panel.topic,
            DbJudgement.withdrawn_at.is_(None),
            or_(DbGold.id.is_(None), DbGold.retired_why != "disputed"),
        )
        .order_by(DbJudgement.id)
    )  # fmt: skip
    place: Mapping[str | None, int] = {key: number for number, key in enumerate(panel.labels)}
    return [
        Late(judge, item, round_, challenge, gold is not None, place.get(label), place.get(truth))
        for judge, item, round_, challenge, gold, label, truth in rows
    ]


def judge_ids(session: Session, topic: str) -> dict[int, int]:
    """A topic's judges: account -> row."""
    return dict(session.execute(select(DbJudge.account_id, DbJudge.id).where(DbJudge.topic == topic)).all())


@dataclass(frozen=True, slots=True)
class Weighed:
    """What is now believed of an item that waits: its row, its round, and the values for its row. `verdict` is None where the
    answers do not suffice."""

    item: int
    round: int
    belief: list[float]
    expected_cost: float | None
    priority: float
    verdict: str | None
    probability: float | None


def write_items(session: Session, items: Sequence[Weighed], now: datetime) -> None:
    """Write what is now believed of items that wait, in the order of their ids, and the verdicts that follow from it.

    An item that has moved on is left as it is. One that somebody reads under a lease gets no verdict, since their answer is still
    wanted, and paid; nor does a stale one, which is weighed anew anyway.
    """
    target = cast(Table, DbReviewItem.__table__)
    same = (
        (target.c.id == bindparam("item"))
        & (target.c.round == bindparam("of_round"))
        & or_(target.c.state == WAITS[0], target.c.state == WAITS[1])
    )
    believed = update(target).where(same).values(
        belief=bindparam("heard"), expected_cost=bindparam("cost"), priority=bindparam("place")
    )  # fmt: skip
    free = or_(target.c.lease_until.is_(None), target.c.lease_until < now) & target.c.is_stale.is_(False)
    verdict = update(target).where(same, free).values(
        state="decided", verdict=bindparam("said"), verdict_probability=bindparam("chance"), decided_at=now,
        decided_by=None,
    )  # fmt: skip
    in_order = sorted(items, key=lambda each: each.item)
    for statement, rows in (
        (believed, [
            {"item": i.item, "of_round": i.round, "heard": i.belief, "cost": i.expected_cost, "place": i.priority}
            for i in in_order
        ]),
        (verdict, [
            {"item": i.item, "of_round": i.round, "said": i.verdict, "chance": i.probability}
            for i in in_order if i.verdict is not None
        ]),
    ):  # fmt: skip
        if rows:
            session.connection().execute(statement, rows)


def write_judges(session: Session, panel: DbJury, counts: Mapping[int, Any], now: datetime) -> None:
    """Write every judge's counts, by account; whoever is not named has none."""
    rows = judge_ids(session, panel.topic)
    new = [account for account in sorted(counts) if account not in rows]
    blank = {"topic": panel.topic, "state": "active", "since": now}
    insert_many(session, DbJudge, [{**blank, "account_id": a, "counts": counts[a]} for a in new])
    zeros = np.zeros((len(panel.labels), len(panel.labels))).tolist()
    target = cast(Table, DbJudge.__table__)
    statement = update(target).where(target.c.id == bindparam("row")).values(counts=bindparam("found"))
    written = [{"row": row, "found": counts.get(account, zeros)} for account, row in sorted(rows.items())]
    if written:
        session.connection().execute(statement, written)


def write_fit(session: Session, topic: str, values: Mapping[str, Any]) -> None:
    """Keep what a computation leaves beside the jury."""
    if insert_once(session, DbJuryFit, {"topic": topic, **values}) is None:
        session.execute(update(DbJuryFit).where(DbJuryFit.topic == topic).values(**values))


def topic_of(session: Session, jury_id: int) -> str:
    """The topic of the jury with this id."""
    return session.execute(select(DbJury.topic).where(DbJury.id == jury_id)).scalar_one()


def get_jury(session: Session, jury_id: int) -> DbJury:
    """The jury with this id."""
    return session.execute(select(DbJury).where(DbJury.id == jury_id)).scalar_one()


def challenges_of(session: Session, topic: str) -> list[DbChallenge]:
    """The challenges of a topic."""
    return list(
        session.scalars(select(DbChallenge).where(DbChallenge.topic == topic, DbChallenge.state != "draft"))
    )
