from __future__ import annotations

import pytest

from btm.services.due import to_recheck
from btm.services.recheck_find import recheck_find
from btm.store.transaction import reading

from ..support import texts
from ..support.databases import rows, value
from ..support.fakes import read_page
from ..support.game import Game


def recheck(game: Game, public_id: str) -> None:
    recheck_find(game.row(public_id).id, now=game.clock(), reader=game.reader)  # type: ignore[arg-type]


def due(game: Game, limit: int = 100) -> list[int]:
    with reading() as session:
        return to_recheck(session, game.clock(), limit)


def find(game: Game, url: str = "https://a.example/page", text: str | None = None) -> str:
    return game.settled("spam", url=game.page(url, text=text or texts.text(url, 200)))


@pytest.mark.parametrize(
    ("becomes", "state", "status"),
    [
        (texts.text("here", 200), "same", 200),
        (texts.nearly_the_same("here", 3, 200), "same", 200),
        (texts.text("Buy this domain", 200), "changed", 200),
        (texts.text("here", 60), "changed", 200),
        ("not_found", "gone", 404),
        ("timeout", "failed", 0),
        ("http_status", "failed", 0),
    ],
)
def test_a_page_is_fetched_again_and_compared(game: Game, becomes: str, state: str, status: int) -> None:
    game.challenge()
    url = "https://a.example/page"
    public_id = find(game, url, texts.text("here", 200))
    game.reader.pages[url] = becomes if becomes.isidentifier() else read_page(url, becomes)
    game.clock.advance(days=8)
    recheck(game, public_id)
    [(found, code, similarity)] = rows("SELECT state, status, similarity FROM recheck")
    assert (found, code) == (state, status)
    assert (similarity is None) == (state in ("gone", "failed"))
    if similarity is not None:
        assert (float(str(similarity)) >= 0.6) == (state == "same")


def test_a_page_is_fetched_again_after_a_day_and_then_once_a_week(game: Game) -> None:
    game.challenge()
    public_id = find(game)
    game.clock.advance(hours=23)
    assert due(game) == []
    game.clock.advance(hours=1)
    assert due(game) == [game.row(public_id).id]
    for _ in range(2):
        recheck(game, public_id)
    assert value("SELECT count(*) FROM recheck") == 1
    game.clock.advance(days=6)
    assert due(game) == []
    game.clock.advance(days=1)
    assert due(game) == [game.row(public_id).id]
    recheck(game, public_id)
    assert value("SELECT count(*) FROM recheck") == 2


def test_one_page_of_a_host_at_a_time_and_not_many_at_once(game: Game) -> None:
    game.challenge()
    first = find(game, "https://a.example/1")
    find(game, "https://a.example/2")
    third = find(game, "https://b.example/1")
    game.clock.advance(days=8)
    assert due(game) == [game.row(first).id, game.row(third).id]
    assert due(game, 1) == [game.row(first).id]


def test_a_first_look_comes_before_all_that_are_due_once_more(game: Game) -> None:
    game.challenge()
    old = find(game, "https://a.example/1")
    game.clock.advance(days=2)
    recheck(game, old)
    game.clock.advance(days=6)
    young = find(game, "https://b.example/1")
    game.clock.advance(days=2)
    assert due(game) == [game.row(young).id, game.row(old).id]
    recheck(game, young)
    assert due(game) == [game.row(old).id]


def test_a_host_that_is_being_visited_is_left_alone(game: Game) -> None:
    game.challenge()
    first, second = find(game, "https://a.example/1"), find(game, "https://a.example/2")
    game.clock.advance(days=8)
    game.reader.asked.clear()
    game.reader.meanwhile = lambda url: recheck(game, second) if url.endswith("1") else None
    recheck(game, first)
    assert game.reader.asked == ["https://a.example/1"]
    recheck(game, second)
    assert game.reader.asked == ["https://a.example/1", "https://a.example/2"]


def test_only_verified_errors_of_running_challenges_are_looked_at_again(game: Game) -> None:
    game.challenge("over")
    game.settled("spam", slug="over")
    game.challenge()
    game.settled("ham")
    game.committed()
    rejected = game.settled("ham")
    from btm.store.tables import DbChallenge
    from btm.store.transaction import transaction

    with transaction() as session:
        session.query(DbChallenge).filter_by(slug="over").one().state = "paused"
    game.clock.advance(days=8)
    assert due(game) == []
    recheck(game, rejected)
    recheck_find(10**9, now=game.clock(), reader=game.reader)  # type: ignore[arg-type]
    assert value("SELECT count(*) FROM recheck") == 0
