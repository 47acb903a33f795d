from __future__ import annotations

import pytest

from btm.rules.errors import Invalid, NotFound
from btm.services import show_leaderboard as module
from btm.services.show_leaderboard import show_leaderboard
from btm.services.views_money import Leaderboard

from ..support.game import Game


def board(game: Game, period: str = "all", slug: str | None = None, viewer: int | None = None) -> Leaderboard:
    return show_leaderboard(slug=slug, period=period, viewer_id=viewer, now=game.clock())


def names(found: Leaderboard) -> list[str]:
    return [row.handle for row in found.rows]


def test_those_who_found_most_lead(game: Game) -> None:
    game.challenge()
    ada, ben = game.player("ada"), game.player("ben")
    game.settled("spam", ben)
    for _ in range(2):
        game.settled("spam", ada)
    found = board(game, viewer=ben)
    assert names(found) == ["ada", "ben"]
    assert [(row.rank, row.finds, row.points) for row in found.rows] == [
        (1, 2, game.balance(ada)), (2, 1, game.balance(ben))
    ]  # fmt: skip
    assert found.me is not None
    assert (found.me.handle, found.me.is_me) == ("ben", True)


def test_judging_and_base_pay_are_no_finds(game: Game) -> None:
    game.challenge()
    game.settled("ham", game.player("ada"))
    assert names(board(game)) == []


def test_each_challenge_has_its_own_board(game: Game) -> None:
    game.challenge("one")
    game.challenge("two")
    game.settled("spam", game.player("ada"), slug="one")
    game.settled("spam", game.player("ben"), slug="two")
    assert names(board(game, slug="one")) == ["ada"]
    assert names(board(game, slug="two")) == ["ben"]
    assert sorted(names(board(game))) == ["ada", "ben"]
    with pytest.raises(NotFound):
        board(game, slug="three")


def test_a_week_begins_on_monday(game: Game) -> None:
    game.challenge()
    game.clock.now = game.clock.now.replace(day=1, hour=23, minute=59)  # a Sunday
    game.settled("spam", game.player("lastweek"))
    game.clock.advance(minutes=1)
    game.settled("spam", game.player("thisweek"))
    game.clock.advance(days=6, hours=23)
    assert names(board(game, "week")) == ["thisweek"]
    assert sorted(names(board(game, "all"))) == ["lastweek", "thisweek"]


def test_equal_points_go_to_who_was_first(game: Game) -> None:
    game.challenge()
    for handle in ("zoe", "ada"):
        game.settled("spam", game.player(handle), game.page(beliefs=(0.5, 0.5)))
    rows = board(game).rows
    assert rows[0].points == rows[1].points
    assert names(board(game)) == ["zoe", "ada"]


def test_one_s_own_row_is_shown_below_the_best(game: Game, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SHOWN", 3)
    game.challenge()
    last = 0
    for belief in (0.99, 0.9, 0.8, 0.7, 0.6):
        last = game.player()
        game.settled("spam", last, game.page(beliefs=(1 - belief, belief)))
    found = board(game, viewer=last)
    assert len(found.rows) == 3
    assert found.me is not None
    assert found.me.rank == 5


def test_only_this_week_and_all_time_are_kept(game: Game) -> None:
    with pytest.raises(Invalid):
        board(game, "month")
