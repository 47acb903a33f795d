"""The queue by itself: which item a judge is given, compared with what a plain reading of the rules would give them."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import ClauseElement, event, insert, text

from btm.rules.priority import priority, worth
from btm.store import queue, queue_statements
from btm.store.database import db
from btm.store.tables import DbAccount, DbJudgement, DbPage, DbReviewItem
from btm.store.transaction import reading, transaction

from ..support.crowd import at_once, errors
from ..support.game import Game

QUEUE = "ix_review_item_queue"


def people(game: Game, count: int) -> list[int]:
    with transaction() as session:
        made = [DbAccount(created_at=game.clock()) for _ in range(count)]
        session.add_all(made)
        session.flush()
        return [account.id for account in made]


def put_up(game: Game, challenge_id: int, items: Sequence[dict[str, Any]], topic: str = "spam") -> list[int]:
    """Review items with these values where they differ from an open one that nobody has looked at. Returns their ids, in order."""
    now = game.clock()
    with transaction() as session:
        page = DbPage(
            url="", canonical_url="", final_url="https://a.example/", final_canonical_url="", redirects=[], fetched_at=now,
            status=200, content_type="", content_hash="", snapshot="", title="", description="", headings=[], links=[],
            language="en", text="", blocks=[], signature=b"",
        )  # fmt: skip
        session.add(page)
        session.flush()
        made = [
            DbReviewItem(**{
                "public_id": game.new("item"), "challenge_id": challenge_id, "page_id": page.id, "topic": topic,
                "origin": game.new("o"), "state": "open", "priority": 0.0, "shuffle": 0.5, "opened_at": now,
                "deadline_at": now + timedelta(days=7), **values,
            })
            for values in items
        ]  # fmt: skip
        session.add_all(made)
        session.flush()
        return [item.id for item in made]


def answered(game: Game, pairs: Sequence[tuple[int, int]]) -> None:
    """Judgements, as (item, judge)."""
    rows = [
        {"item_id": item, "judge_id": judge, "label": "spam", "seconds": 1.0, "judged_at": game.clock()}
        for item, judge in pairs
    ]
    with transaction() as session:
        session.execute(insert(DbJudgement), rows)


def lease(game: Game, judge: int, seconds: float = 300) -> queue.Lease:
    return queue.Lease(judge, game.new("token"), game.clock(), game.clock() + timedelta(seconds=seconds), 50)


def take(
    game: Game, judge: int, *, dice: float = 0.0, topic: str = "spam", but: str | None = None
) -> int | None:
    """The id of the item that the judge is given."""
    with transaction() as session:
        item = queue.take_lease(session, topic, lease(game, judge), dice=dice, but=but)
        return item.id if item is not None else None


def could_be_given(game: Game, judge: int, topic: str) -> set[int]:
    """What the rules say, row by row, without any of the queue's statements."""
    now = game.clock()
    with reading() as session:
        seen = {row.item_id for row in session.query(DbJudgement).filter_by(judge_id=judge)}
        return {
            item.id
            for item in session.query(DbReviewItem)
            if item.topic == topic and item.state == "open" and item.for_judge_id is None
            and item.author_id != judge and item.id not in seen
            and (item.lease_until is None or item.lease_until < now or item.lease_judge_id == judge)
        }  # fmt: skip


@pytest.mark.parametrize("near", [3, 200])
@pytest.mark.parametrize("seed", range(4))
def test_a_judge_is_given_something_exactly_when_something_waits_that_they_could_judge(
    game: Game, monkeypatch: pytest.MonkeyPatch, seed: int, near: int
) -> None:
    monkeypatch.setattr(queue_statements, "NEAR", near)
    queue_statements.take_near.cache_clear()
    queue_statements.near_one.cache_clear()
    luck = random.Random(seed)
    challenge = game.challenge()
    judges = people(game, 4)
    later, before = game.clock() + timedelta(minutes=5), game.clock() - timedelta(minutes=5)
    items = put_up(game, challenge, [
        {
            "topic": luck.choice(("spam", "other")), "state": luck.choice(("open", "open", "open", "decided", "withdrawn")),
            "priority": float(luck.randrange(4)), "shuffle": luck.choice((0.0, 0.25, luck.random())),
            "author_id": luck.choice((None, None, *judges)), "for_judge_id": luck.choice((None,) * 6 + (judges[0],)),
            "lease_judge_id": (holder := luck.choice((None, None, *judges))),
            "lease_until": luck.choice((later, before)) if holder else None,
        }
        for _ in range(60)
    ])  # fmt: skip
    answered(
        game, [(item, judge) for item in items for judge in judges[1:] if luck.random() < judge / judges[-1]]
    )
    given = 0
    while judges:
        judge, topic = luck.choice(judges), luck.choice(("spam", "other"))
        free = could_be_given(game, judge, topic)
        with reading() as session:
            assert queue.waiting_for(session, [topic], judge, game.clock(), 1000) == {topic: len(free)}
            asking = lease(game, judge)
            assert queue.is_waiting(session, topic, asking, dice=luck.random()) == bool(free)
        item = take(game, judge, dice=luck.random(), topic=topic)
        assert (item in free) if free else item is None
        if item is not None:
            given += 1
            answered(game, [(item, judge)])
        elif not could_be_given(game, judge, "spam") | could_be_given(game, judge, "other"):
            judges.remove(judge)
    assert given > 8
    queue_statements.take_near.cache_clear()
    queue_statements.near_one.cache_clear()


def test_the_highest_place_comes_first_whatever_the_dice(game: Game) -> None:
    [low, high, middle] = put_up(game, game.challenge(), [{"priority": p} for p in (-2.0, 1.0, 0.0)])
    judges = people(game, 3)
    assert [take(game, judge, dice=dice) for judge, dice in zip(judges, (0.9, 0.1, 0.5), strict=True)] == [
        high, middle, low,
    ]  # fmt: skip


def test_what_a_judge_answered_thousands_of_times_does_not_hide_what_is_new(game: Game) -> None:
    challenge = game.challenge()
    [judge] = people(game, 1)
    luck = random.Random(7)
    old = put_up(
        game,
        challenge,
        [{"priority": 2.0, "shuffle": luck.random()} for _ in range(3 * queue_statements.NEAR)],
    )
    answered(game, [(item, judge) for item in old])
    assert take(game, judge, dice=0.3) is None
    [new] = put_up(game, challenge, [{"priority": 2.0, "shuffle": 0.9}])
    assert take(game, judge, dice=0.3) == new
    [low] = put_up(game, challenge, [{"priority": 1.0}])
    game.clock.advance(hours=1)
    assert {take(game, judge, dice=dice) for dice in (0.3, 0.89)} <= {new, low}


def test_more_places_than_are_tried_at_first_are_all_reached(game: Game) -> None:
    challenge = game.challenge()
    [judge] = people(game, 1)
    items = put_up(game, challenge, [{"priority": float(-n)} for n in range(queue_statements.PLACES + 5)])
    answered(game, [(item, judge) for item in items[:-1]])
    assert take(game, judge) == items[-1]
    assert take(game, people(game, 1)[0]) == items[0]


def test_among_equals_each_comes_first_about_as_often(game: Game) -> None:
    luck = random.Random(2011)
    draws, many = 400, 8
    challenge = game.challenge()
    [judge] = people(game, 1)
    first = Counter[int]()
    for round_ in range(draws):
        with transaction() as session:
            session.query(DbReviewItem).delete()
        items = put_up(game, challenge, [{"shuffle": luck.random()} for _ in range(many)])
        item = take(game, judge, dice=luck.random())
        assert item is not None, round_
        first[items.index(item)] += 1
    expected = draws / many
    chi_square = sum((first[n] - expected) ** 2 / expected for n in range(many))
    assert chi_square < 24.3  # 7 degrees of freedom: 1 in 1000 of fair draws is above


def test_nothing_starves_while_better_ones_keep_coming(game: Game) -> None:
    """The least worthwhile item waits while ten times as many of the most worthwhile come every hour as are judged."""
    challenge = game.challenge()
    judge, luck = people(game, 1)[0], random.Random(1)
    start = game.clock()

    def place(value: float) -> float:
        return priority(value, (game.clock() - start).total_seconds() / 3600, 6.0)

    [poor] = put_up(game, challenge, [{"priority": place(worth(0, 0, 0)), "shuffle": luck.random()}])
    for hour in range(60):
        put_up(
            game, challenge, [{"priority": place(worth(1, 1, 1)), "shuffle": luck.random()} for _ in range(2)]
        )
        item = take(game, judge, dice=luck.random())
        assert item is not None
        answered(game, [(item, judge)])
        if item == poor:
            assert hour > 24
            return
        game.clock.advance(hours=1)
    pytest.fail("it was never served")


def test_a_lease_that_ran_out_is_taken_by_the_next_one(game: Game) -> None:
    [item] = put_up(game, game.challenge(), [{}])
    slow, quick = people(game, 2)
    assert take(game, slow) == item
    game.clock.advance(seconds=299)
    assert take(game, quick) is None
    game.clock.advance(seconds=2)
    assert take(game, quick) == item
    with reading() as session:
        assert queue.held_by(session, "spam", slow, game.clock(), None) is None
        held = queue.held_by(session, "spam", quick, game.clock(), None)
        assert held is not None
        assert held.id == item


def test_what_another_transaction_holds_for_a_moment_is_waited_for(game: Game) -> None:
    """The only item is being written by somebody; whoever asks meanwhile is told neither "empty" nor an error."""
    [item] = put_up(game, game.challenge(), [{}])
    [judge] = people(game, 1)
    import threading

    holding, asked = threading.Event(), threading.Event()

    def write() -> None:
        with transaction() as session:
            session.query(DbReviewItem).filter_by(id=item).update({"priority": 3.0})
            holding.set()
            asked.wait(1.0)

    def ask() -> int | None:
        holding.wait(5)
        try:
            return take(game, judge)
        finally:
            asked.set()

    assert at_once(game.app, [write, ask]) == [None, item]


def test_those_who_wait_for_the_last_items_do_not_wait_for_each_other(game: Game) -> None:
    challenge = game.challenge()
    put_up(game, challenge, [{"priority": float(n % 2), "shuffle": n / 4} for n in range(4)])
    judges = people(game, 16)
    answers = at_once(
        game.app, [lambda j=judge, d=n / 16: take(game, j, dice=d) for n, judge in enumerate(judges)]
    )
    assert errors(answers) == []
    served = [answer for answer in answers if answer is not None]
    assert len(served) == len(set(served)) == 4


def plan(game: Game, statement: Any, parameters: dict[str, Any]) -> str:
    """How the database would answer a statement, in its own words."""
    heard: list[tuple[str, Any]] = []

    def listen(_connection: Any, _cursor: Any, sql: str, values: Any, *_: Any) -> None:
        heard.append((sql, values))

    with transaction() as session:
        event.listen(db.engine, "before_cursor_execute", listen)
        try:
            session.execute(statement, parameters)
        finally:
            event.remove(db.engine, "before_cursor_execute", listen)
        explain = "EXPLAIN QUERY PLAN " if game.database.kind == "sqlite" else "EXPLAIN "
        [(sql, values)] = heard
        lines = session.connection().exec_driver_sql(explain + sql, values).all()
        session.rollback()
    return "\n".join(str(line[-1]) for line in lines)


@pytest.mark.parametrize("is_counted", [False, True])
def test_both_databases_go_by_the_index_of_the_queue(game: Game, is_counted: bool) -> None:
    """With and without statistics: in a table that was just filled, and in one that the server has looked at."""
    challenge = game.challenge()
    luck, [judge] = random.Random(3), people(game, 1)
    topics = ("spam", "spam", "other")
    items = put_up(game, challenge, [
        {"priority": 6.0 - 5 * (n % 10 == 1), "shuffle": luck.random(), "topic": topics[n % 3], "state": ("open", "settled")[n % 10 == 0]}
        for n in range(6000)
    ])  # fmt: skip
    answered(game, [(item, judge) for item in items[:500]])
    if is_counted:
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("ANALYZE"))
    asking = {"in_topic": "spam", "asking": judge, "asked_at": game.clock(), "but_not": ""}
    near = {**asking, "from_dice": 0.5}
    terms = {"new_token": "t", "new_until": game.clock(), "new_price": 50}
    statements: list[tuple[ClauseElement, dict[str, Any]]] = [
        (queue_statements.near_one(), near),
        (queue_statements.take_near(), {**near, **terms}),
        (queue_statements.first_of_all(), asking),
        (queue_statements.count(), {**asking, "most": 100}),
    ]
    for statement, parameters in statements:
        found = plan(game, statement, parameters)
        assert QUEUE in found, found
        assert "Seq Scan on review_item" not in found, found
        assert "SCAN review_item" not in found.replace(f"SCAN review_item USING INDEX {QUEUE}", ""), found
        assert "Sort" not in found, found
        assert "TEMP B-TREE" not in found, found
    held = plan(game, queue_statements.held(), asking)
    assert "ix_review_item_lease" in held, held
