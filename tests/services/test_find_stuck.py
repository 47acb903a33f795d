from __future__ import annotations

from btm.services import bell
from btm.services.find_stuck import find_stuck, find_unfitted
from btm.services.place_find import place_find

from ..support.finding import place
from ..support.game import Game


def test_a_submission_whose_bell_was_lost_is_rung_for_again(game: Game) -> None:
    game.challenge()
    game.bell.hold()
    public_id = game.submitted()
    game.bell.rung.clear()
    find_stuck(now=game.clock.advance(seconds=1))
    assert game.bell.rung == [], "a fresh row is left to its own bell"
    find_stuck(now=game.clock.advance(seconds=5))
    assert game.bell.rung == [("examine", game.row(public_id).id)]
    game.bell.let_go()
    assert game.row(public_id).state == "quoted"


def test_a_bell_that_fails_loses_time_only(game: Game) -> None:
    game.challenge()

    def broken(kind: str, row_id: int) -> None:
        raise ConnectionError("the queue is down")

    bell.install(broken)
    public_id = game.submitted()
    assert game.row(public_id).state == "queued"
    bell.install(game.bell)
    find_stuck(now=game.clock.advance(minutes=1))
    assert game.row(public_id).state == "quoted"


def test_what_is_done_is_not_rung_for(game: Game) -> None:
    game.challenge()
    place(game, game.settled("spam"))
    game.committed()
    game.quoted()
    game.submitted(url="https://gone.example/")
    game.bell.rung.clear()
    find_stuck(now=game.clock.advance(hours=1))
    assert game.bell.rung == []


def test_a_find_without_a_place_on_the_map_is_rung_for(game: Game) -> None:
    game.challenge()
    submission_id = game.row(game.settled("spam")).id
    game.bell.work["place"] = lambda row_id: place_find(row_id, now=game.clock())
    game.bell.rung.clear()
    for _ in range(2):
        find_stuck(now=game.clock())
    assert game.bell.rung == [("place", submission_id)]


def test_quotes_that_ran_out_are_withdrawn(game: Game) -> None:
    game.challenge()
    public_id = game.quoted()
    find_stuck(now=game.clock.advance(hours=23, minutes=59))
    assert game.row(public_id).state == "quoted"
    find_stuck(now=game.clock.advance(minutes=2))
    assert game.row(public_id).state == "withdrawn"


def test_a_topic_whose_judges_are_to_be_computed_anew_is_rung_for(game: Game) -> None:
    game.challenge()
    game.settled("spam")
    game.bell.hold()
    find_unfitted(now=game.clock.advance(hours=1))
    assert game.bell.rung[-1][0] == "refit"
