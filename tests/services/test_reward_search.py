"""A search for the lowest reward, on real pages: it halves, goes back to the last that held, and yields to people."""

from __future__ import annotations

import pytest

from btm.rules.errors import Conflict, Forbidden
from btm.rules.reward_search import Terms
from btm.rules.stops import Stops
from btm.services.advance_searches import advance_searches
from btm.services.change_challenge_state import change_challenge_state
from btm.services.fund_challenge import fund_challenge
from btm.services.set_stops import set_stops
from btm.services.show_search import show_search
from btm.services.start_search import start_search, stop_search

from ..support.crowd import at_once, errors
from ..support.databases import rows, value
from ..support.game import Game

TERMS = Terms(keep_pace=0.1, keep_quality=0.4, least_hours=1, least_pages=10)


def max_bonus() -> int:
    from btm.store import challenges
    from btm.store.transaction import reading

    with reading() as session:
        found = challenges.find_challenge(session, "spam")
        assert found is not None
        return found.law.max_bonus


def pages(game: Game, finds: int, others: int = 0) -> None:
    """Pages of one step, each with its verdict, and the hour that the step takes."""
    for label, count in (("spam", finds), ("ham", others)):
        for _ in range(count):
            game.settled(label)
    game.clock.advance(hours=1)
    advance_searches(now=game.clock())


def begun(game: Game, terms: Terms = TERMS) -> None:
    game.challenge(budget=10_000_000, min_judgements=1, max_bonus=1000, min_quote=50)
    start_search("spam", terms, asker_id=None, now=game.clock(), new_id="search")


@pytest.mark.parametrize("how", ["its day", "a pause", "its budget"])
def test_a_search_ends_with_the_last_that_held_where_no_pages_are_taken_any_more(
    game: Game, how: str
) -> None:
    begun(game)
    pages(game, 10)
    assert max_bonus() == 500
    if how == "its day":
        set_stops("spam", Stops(until=game.clock()), asker_id=None, now=game.clock())
    elif how == "a pause":
        change_challenge_state("spam", "paused", asker_id=None, shelf=game.shelf, now=game.clock())
    else:
        free = int(str(value("SELECT sum(budget) FROM ledger")))
        fund_challenge("spam", -free, asker_id=None, now=game.clock(), key="out")
    game.clock.advance(days=9)
    advance_searches(now=game.clock())
    view = show_search("spam", asker_id=None, now=game.clock.advance(days=9))
    assert view is not None
    assert (view.state, max_bonus(), view.message) == (
        "stopped", 1000, "The challenge took no more pages, so the search ended."
    )  # fmt: skip
    assert [(step.value, step.verdict) for step in view.steps] == [(1000, "first"), (500, "cut")]
    assert view.steps[1].seen.hours == pytest.approx(9 * 24)
    with pytest.raises(Conflict) as closed:
        start_search("spam", TERMS, asker_id=None, now=game.clock(), new_id="again")
    assert closed.value.code == "closed"


def test_a_reward_that_cannot_be_halved_is_not_searched(game: Game) -> None:
    game.challenge(max_bonus=99, min_quote=50)
    with pytest.raises(Conflict, match="nothing lower to try"):
        start_search("spam", TERMS, asker_id=None, now=game.clock(), new_id="search")


def test_it_halves_while_it_holds_and_goes_back_to_the_last_that_held(game: Game) -> None:
    if game.database.kind == "postgres":
        pytest.skip("nothing here depends on the database")
    begun(game)
    pages(game, 10)
    assert max_bonus() == 500
    for _ in range(4):
        if max_bonus() == 500:
            pages(game, 10)
    assert max_bonus() == 250
    for _ in range(4):
        if show_search("spam", asker_id=None, now=game.clock()).state == "running":  # type: ignore[union-attr]
            pages(game, 1, 9)
    view = show_search("spam", asker_id=None, now=game.clock())
    assert view is not None
    assert (view.state, max_bonus()) == ("found", 500)
    assert [(step.value, step.verdict) for step in view.steps] == [
        (1000, "first"),
        (500, "kept"),
        (250, "quality"),
    ]
    assert view.steps[1].pace is not None
    assert [verb for (verb,) in rows("SELECT verb FROM act ORDER BY id")] == [
        "start_search", "halve_reward", "halve_reward", "end_search"
    ]  # fmt: skip
    game.check_books()


def test_without_enough_pages_nothing_is_halved(game: Game) -> None:
    begun(game)
    pages(game, 3)
    assert max_bonus() == 1000
    game.clock.advance(hours=3)
    advance_searches(now=game.clock())
    view = show_search("spam", asker_id=None, now=game.clock())
    assert view is not None
    assert (view.state, view.steps[0].verdict, max_bonus()) == ("stopped", "too_few", 1000)


def test_many_who_carry_it_on_at_once_halve_once(game: Game) -> None:
    begun(game)
    for _ in range(10):
        game.settled()
    game.clock.advance(hours=1)
    assert errors(at_once(game.app, [lambda: advance_searches(now=game.clock())] * 4)) == []
    assert value("SELECT count(*) FROM reward_step") == 2
    assert max_bonus() == 500


def test_one_search_at_a_time_and_ended_by_hand_it_goes_back(game: Game) -> None:
    begun(game)
    with pytest.raises(Conflict) as second:
        start_search("spam", TERMS, asker_id=None, now=game.clock(), new_id="again")
    assert second.value.code == "running"
    pages(game, 10)
    assert max_bonus() == 500
    with pytest.raises(Forbidden):
        stop_search("spam", asker_id=game.player(), now=game.clock())
    stop_search("spam", asker_id=None, now=game.clock())
    assert max_bonus() == 1000
    with pytest.raises(Conflict):
        stop_search("spam", asker_id=None, now=game.clock())


def test_where_somebody_else_changes_the_reward_the_search_yields(game: Game) -> None:
    from btm.services.edit_challenge import edit_challenge

    begun(game)
    edit_challenge("spam", {"rules": {"max_bonus": 777}}, asker_id=None, now=game.clock())
    pages(game, 0)
    view = show_search("spam", asker_id=None, now=game.clock())
    assert view is not None
    assert (view.state, max_bonus()) == ("stopped", 777)
