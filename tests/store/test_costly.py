"""Figures that are kept on a large instance."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from btm.store import challenges, costly, money
from btm.store.tables import DbEntry
from btm.store.transaction import insert_many, reading, transaction

from ..support.game import Game


class Slow:
    """A query that counts how often it was asked, and can be told to wait."""

    def __init__(self) -> None:
        self.asked = 0
        self.may_go = threading.Event()
        self.may_go.set()
        self.__qualname__ = self.__name__ = "slow"

    def __call__(self, session: Session, what: str) -> str:
        self.may_go.wait(10)
        self.asked += 1
        return f"{what} {self.asked}"


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every instance is large, and everything takes long enough to be kept, for a moment that never ends by itself."""
    monkeypatch.setattr(costly, "LARGE", -1)
    monkeypatch.setattr(costly, "WORTHWHILE", 0.0)
    monkeypatch.setattr(costly, "TIMES", 10**9)
    costly.forget()
    yield
    costly.forget()


def ask(query: Slow, what: str = "finds") -> str:
    with reading() as session:
        return costly.costly(query)(session, what)


def renewed() -> None:
    """Wait until what was to be renewed is."""
    costly._renewing.submit(lambda: None).result(10)


def test_a_small_instance_keeps_nothing(game: Game, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(costly, "WORTHWHILE", 0.0)
    query = Slow()
    assert [ask(query), ask(query)] == ["finds 1", "finds 2"]


def test_a_quick_figure_is_not_kept(game: Game, large: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(costly, "WORTHWHILE", 60.0)
    query = Slow()
    assert [ask(query), ask(query)] == ["finds 1", "finds 2"]


def test_a_costly_figure_is_kept_for_whoever_asks_the_same(game: Game, large: None) -> None:
    query = Slow()
    assert [ask(query), ask(query), ask(query, "probes"), ask(query)] == [
        "finds 1",
        "finds 1",
        "probes 2",
        "finds 1",
    ]


def test_who_asks_later_is_not_kept_waiting_and_one_renewal_is_enough(
    game: Game, large: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(costly, "TIMES", 0)
    query = Slow()
    ask(query)
    query.may_go.clear()
    assert [ask(query), ask(query), ask(query)] == ["finds 1"] * 3
    query.may_go.set()
    renewed()
    assert query.asked == 2
    assert ask(query) == "finds 2"


def test_a_renewal_that_fails_lets_the_next_one_ask(
    game: Game, large: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(costly, "TIMES", 0)
    query = Slow()
    ask(query)
    monkeypatch.setattr(Slow, "__call__", lambda self, session, what: 1 / 0)
    ask(query)
    renewed()
    with pytest.raises(ZeroDivisionError):
        ask(query)


def test_what_decides_on_money_is_never_kept(game: Game, large: None) -> None:
    challenge_id = game.challenge()
    with transaction() as session:
        before = money.free_budget(session, challenge_id)
        shown = challenges.figures(session, [challenge_id])[challenge_id].budget_left
        row = {
            "key": "fund:more", "kind": "fund", "challenge_id": challenge_id, "budget": 70, "escrow": 0, "worker": 0,
            "reason": "", "at": game.clock(),
        }  # fmt: skip
        insert_many(session, DbEntry, [row])
    with reading() as session:
        assert money.free_budget(session, challenge_id) == before + 70
        assert challenges.figures(session, [challenge_id])[challenge_id].budget_left == shown
