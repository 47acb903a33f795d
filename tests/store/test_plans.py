"""What is asked every few seconds, and what the lists show, is found by an index, however large the tables are."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from btm.pages.policy import DEFAULT_POLICY
from btm.rules.stops import Stops
from btm.services.find_stuck import find_stuck
from btm.services.list_finds import list_finds
from btm.services.list_submissions import list_submissions
from btm.services.log_in import log_in
from btm.services.open_visitor import open_visitor
from btm.services.register import register
from btm.services.sessions import find_account
from btm.services.set_stops import set_stops
from btm.services.show_acts import show_acts
from btm.services.show_payouts import list_batches
from btm.services.show_statement import show_statement
from btm.services.watch_budgets import watch_budgets
from btm.services.webhooks import make_webhook
from btm.store.database import db

from ..support.databases import overheard
from ..support.game import Game

PASSWORD = "a fine long password"
LARGE = frozenset(
    {
        "act", "band", "claim", "delivery", "judgement", "ledger", "outcome", "page", "payout", "placement", "quote",
        "recheck", "review_item", "submission",
    }
)  # fmt: skip
NEWEST = "ORDER BY outcome.id DESC"
"""Rows that are read from the table's end, so many and no more."""
Statement = tuple[str, Any]


def read_whole(statement: str, values: Any) -> set[str]:
    """The large tables that the database reads from end to end for a statement: on SQLite without any index, on PostgreSQL although it
    was asked to do anything else first."""
    with db.engine.connect() as connection:
        if db.engine.dialect.name == "sqlite":
            rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
            found = {match[1] for row in rows if (match := re.fullmatch(r"SCAN (\w+)", row[3]))}
        else:
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
            plan = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", values).scalar_one()
            found = set(_scanned((plan if isinstance(plan, list) else json.loads(plan))[0]["Plan"]))
    return {re.sub(r"_\d+$", "", name) for name in found} & LARGE


def _scanned(node: dict[str, Any]) -> Iterator[str]:
    is_filtered = "Filter" in node and "Index Cond" not in node
    if node["Node Type"] == "Seq Scan" or (node["Node Type"].startswith("Index") and is_filtered):
        yield node["Relation Name"]
    for each in node.get("Plans", ()):
        yield from _scanned(each)


def check(asked: list[Statement]) -> None:
    questions = [each for each in asked if re.match(r"\s*(SELECT|UPDATE|DELETE)", each[0])]
    assert questions
    whole = {
        statement: tables for statement, values in questions if (tables := read_whole(statement, values))
    }
    assert not whole, whole


@pytest.fixture
def played(game: Game) -> Game:
    """A challenge with something of everything that is looked for."""
    game.challenge()
    make_webhook(
        "spam", "https://hooks.example/", ("verdict", "budget_low"), policy=DEFAULT_POLICY, asker_id=None,
        now=game.clock(), new_id="hook", secret="s3cret",
    )  # fmt: skip
    game.settled("spam")
    game.settled("ham")
    game.committed()
    return game


def test_the_sweep(played: Game) -> None:
    played.bell.hold()
    now = played.clock.advance(hours=30)
    with overheard() as asked:
        find_stuck(now=now)
        watch_budgets(now=now)
    check([each for each in asked if NEWEST not in each[0]])


def test_handing_in_a_page_where_the_challenge_is_to_stop(played: Game) -> None:
    set_stops("spam", Stops(None, 10**6, 10**6, 1), asker_id=None, now=played.clock())
    with overheard() as asked:
        played.committed()
    check(asked)


def test_a_page_s_whole_way(played: Game) -> None:
    played.bell.work["place"] = lambda row_id: None
    with overheard() as asked:
        played.settled("spam")
    check(asked)


def test_a_visitor_who_logs_in(played: Game) -> None:
    register("ada", PASSWORD, visitor_id=None, now=played.clock())
    token = open_visitor(now=played.clock(), new_token="t", device="")
    visitor = find_account(token, now=played.clock())
    assert visitor is not None
    with overheard() as asked:
        log_in("ada", PASSWORD, visitor_id=visitor.id, new_token="u", device="", now=played.clock())
    check(asked)


@pytest.mark.parametrize(
    "show",
    [
        lambda game: list_finds("spam", now=game.clock()),
        lambda game: list_submissions(1, now=game.clock()),
        lambda game: list_submissions(1, now=game.clock(), slug="spam"),
        lambda game: list_batches(asker_id=None),
        lambda game: show_statement(1, now=game.clock()),
        lambda game: show_acts(asker_id=None, subject="challenge:spam"),
        lambda game: show_acts(asker_id=None, verb="fund_challenge"),
        lambda game: show_acts(asker_id=None, who="operator"),
    ],
    ids=[
        "finds",
        "own",
        "own of one",
        "batches",
        "statement",
        "acts on",
        "acts of a kind",
        "acts by",
    ],
)
def test_a_list(played: Game, show: Callable[[Game], Any]) -> None:
    with overheard() as asked:
        show(played)
    check(asked)
