"""The statements of the queue (btm.store.queue). They are built once: putting one together takes longer than it takes the database
to answer it."""

from __future__ import annotations

from functools import cache
from typing import Any, cast

from sqlalchemy import (
    CTE,
    ColumnElement,
    Float,
    Integer,
    ScalarSelect,
    Select,
    String,
    Table,
    Update,
    and_,
    bindparam,
    case,
    exists,
    func,
    literal_column,
    or_,
    select,
    update,
)

from btm.store.database import UtcDateTime
from btm.store.tables import DbFingerprint, DbJudgement, DbPage, DbReviewItem

NEAR = 200
"""So many items of a place are looked at from the dice on before the next place has its turn: somebody who has judged thousands
of those that come first does not read past them one by one."""
PLACES = 20
"""So many places are tried like that before the whole queue is looked through. Seven days of items at one step a day, with worths
a factor 125 apart, are a dozen."""
AFTER_ALL = 2.0
"""Beyond every shuffle."""

ITEM, PAGE = cast(Table, DbReviewItem.__table__), cast(Table, DbPage.__table__)
ANSWER = cast(Table, DbJudgement.__table__)
MINE = cast(Table, DbFingerprint.__table__).alias("mine")
THEIRS = cast(Table, DbFingerprint.__table__).alias("theirs")

TOPIC, BUT = bindparam("in_topic", type_=String), bindparam("but_not", type_=String)
JUDGE, NOW = bindparam("asking", type_=Integer), bindparam("asked_at", type_=UtcDateTime)
DICE = bindparam("from_dice", type_=Float)

IN_QUEUE = and_(
    ITEM.c.topic == TOPIC,
    literal_column("review_item.state") == literal_column("'open'"),
    ITEM.c.for_judge_id.is_(None),
)
"""Items of a topic that wait for anybody. The words are literal, so that both databases see that the index covers them."""

LINKED = exists().where(
    MINE.c.account_id == JUDGE, THEIRS.c.value == MINE.c.value, THEIRS.c.account_id == ITEM.c.author_id
)
"""Items of somebody who was at the same network and browser as this person: perhaps themselves."""

FREE = and_(
    or_(ITEM.c.author_id.is_(None), ITEM.c.author_id != JUDGE),
    or_(
        ITEM.c.lease_until.is_(None),
        ITEM.c.lease_until < NOW,
        ITEM.c.lease_judge_id == JUDGE,
    ),
    ~exists().where(ANSWER.c.item_id == ITEM.c.id, ANSWER.c.judge_id == JUDGE),
    or_(ITEM.c.author_id.is_(None), ~LINKED),
)
"""Items that this person may judge now: neither their own nor those of an account that may be theirs too, not judged by them, and not under another's lease."""

NEXT = and_(IN_QUEUE, FREE, ITEM.c.public_id != BUT)


def _leased() -> Select[Any]:
    """The columns of a Leased, in its order."""
    return select(
        ITEM.c.id, ITEM.c.public_id, ITEM.c.challenge_id, ITEM.c.lease_token, ITEM.c.lease_until, ITEM.c.lease_ready_at,
        ITEM.c.lease_price, PAGE.c.title, PAGE.c.final_url, PAGE.c.language, PAGE.c.blocks,
    ).join_from(ITEM, PAGE, PAGE.c.id == ITEM.c.page_id)  # fmt: skip


@cache
def shown() -> Select[Any]:
    return _leased().where(ITEM.c.id == bindparam("item", type_=Integer))


@cache
def held() -> Select[Any]:
    return (
        _leased()
        .where(
            ITEM.c.topic == TOPIC,
            ITEM.c.state == "open",
            ITEM.c.lease_judge_id == JUDGE,
            ITEM.c.lease_until > NOW,
            FREE,
            ITEM.c.public_id != BUT,
        )
        .order_by(ITEM.c.lease_until.desc())
        .limit(1)
    )


@cache
def hold_back() -> Update:
    ready = bindparam("new_ready", type_=UtcDateTime)
    return update(ITEM).where(ITEM.c.id == bindparam("item", type_=Integer)).values(lease_ready_at=ready)


def _places() -> CTE:
    """The highest priorities of which something waits, at most PLACES; each is one step down the index."""
    highest: Any = select(func.max(ITEM.c.priority).label("priority"), literal_column("1").label("number"))
    place = highest.where(IN_QUEUE).cte("place", recursive=True)
    below = select(func.max(ITEM.c.priority)).where(IN_QUEUE, ITEM.c.priority < place.c.priority)
    more = select(below.correlate(place).scalar_subquery(), place.c.number + 1)
    union: CTE = place.union_all(more.where(place.c.priority.is_not(None), place.c.number < PLACES))
    return union


def _near(place: CTE, start: float | ColumnElement[float], lock: bool) -> ScalarSelect[int]:
    """The first of the NEAR items from a point of a place on that the judge could be given."""
    here = and_(IN_QUEUE, ITEM.c.priority == place.c.priority, ITEM.c.shuffle >= start)
    end = select(ITEM.c.shuffle).where(here).order_by(ITEM.c.shuffle).offset(NEAR).limit(1)
    found = (
        select(ITEM.c.id)
        .where(here, ITEM.c.shuffle < func.coalesce(end.correlate(place).scalar_subquery(), AFTER_ALL))
        .where(NEXT)
        .order_by(ITEM.c.shuffle)
        .limit(1)
        .correlate(place)
    )
    return (found.with_for_update(skip_locked=True, key_share=True) if lock else found).scalar_subquery()


def _nearest(lock: bool) -> ScalarSelect[int]:
    """The first item that the judge could be given: of each place from the dice on, else from the place's beginning. No place is
    looked at after one that has such an item: both databases make the rows of `tried` as they are asked for."""
    place = _places()
    item = func.coalesce(_near(place, DICE, lock), _near(place, 0.0, lock))
    tried = select(item.label("item")).select_from(place).limit(PLACES).subquery("tried")
    return select(tried.c.item).where(tried.c.item.is_not(None)).limit(1).scalar_subquery()


@cache
def near_one() -> Select[Any]:
    return select(_nearest(lock=False))


@cache
def first_of_all() -> Select[Any]:
    """The first item of the whole queue that the judge could be given; asks every row that comes before it."""
    backwards = (ITEM.c.priority.desc(), ITEM.c.shuffle.desc())  # so the index need not be sorted
    return select(ITEM.c.id).where(NEXT).order_by(*backwards).limit(1)


@cache
def count() -> Select[Any]:
    backwards = (ITEM.c.priority.desc(), ITEM.c.shuffle.desc())
    few = select(ITEM.c.id).where(IN_QUEUE, FREE).order_by(*backwards)
    return select(func.count()).select_from(few.limit(bindparam("most", type_=Integer)).subquery())


@cache
def take_near() -> Update:
    return _take(ITEM.c.id == _nearest(lock=True))


@cache
def take_this() -> Update:
    """Take a chosen item, if it can still be given; waits for whoever holds its row."""
    return _take(and_(ITEM.c.id == bindparam("item", type_=Integer), NEXT))


def _capped() -> ColumnElement[int]:
    """The price for this judge, at most what was promised for judging this page: more was not set aside."""
    price = bindparam("new_price", type_=Integer)
    return case((ITEM.c.judging_price < price, ITEM.c.judging_price), else_=price)


def _take(condition: ColumnElement[bool]) -> Update:
    """Write a lease into the row that meets the condition, if one does. Returns its id."""
    return (
        update(ITEM)
        .where(condition)
        .values(
            lease_judge_id=JUDGE,
            lease_token=bindparam("new_token", type_=String),
            lease_until=bindparam("new_until", type_=UtcDateTime),
            lease_ready_at=None,
            lease_price=_capped(),
        )
        .returning(ITEM.c.id)
    )
