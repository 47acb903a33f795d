from __future__ import annotations

from datetime import timedelta

import pytest

from btm.rules.errors import Conflict, NotFound
from btm.services.qualify import show_qualification, take_qualification

from ..support.crowd import at_once, errors
from ..support.databases import value
from ..support.game import QUALIFICATION, Game

RIGHT = {number: item["label"] for number, item in enumerate(QUALIFICATION)}
WRONG = dict.fromkeys(range(5), "ham")


def test_the_test_shows_its_questions_and_not_its_answers(game: Game) -> None:
    game.challenge()
    view = show_qualification("spam", account_id=game.player(), now=game.clock())
    assert ([item.title for item in view.items], view.pass_mark) == (
        ["Offer", "Oak", "Win", "Knee", "Pills"],
        4,
    )
    assert (view.is_qualified, view.answers, view.passed) == (False, (), None)
    assert "Nobody asked" not in repr(view)


def test_who_passes_may_judge_from_then_on(game: Game) -> None:
    game.challenge()
    player = game.player()
    view = take_qualification("spam", {**RIGHT, 4: "ham"}, account_id=player, now=game.clock())
    assert (view.passed, view.is_qualified) == (True, True)
    assert [answer.is_right for answer in view.answers] == [True, True, True, True, False]
    assert all(answer.why for answer in view.answers)
    game.committed()
    assert game.lease(player) is not None


def test_who_fails_reads_why_and_tries_again_after_a_while(game: Game) -> None:
    game.challenge()
    player = game.player()
    view = take_qualification("spam", WRONG, account_id=player, now=game.clock())
    assert (view.passed, view.is_qualified, view.retry_at) == (
        False,
        False,
        game.clock() + timedelta(minutes=10),
    )
    with pytest.raises(Conflict) as caught:
        take_qualification("spam", RIGHT, account_id=player, now=game.clock.advance(minutes=9))
    assert caught.value.code == "too_soon"
    assert take_qualification("spam", RIGHT, account_id=player, now=game.clock.advance(minutes=1)).passed


def test_who_takes_it_in_many_windows_at_once_takes_it_once(game: Game) -> None:
    game.challenge()
    player = game.player()
    take = [lambda: take_qualification("spam", WRONG, account_id=player, now=game.clock())] * 6
    refused = errors(at_once(game.app, take))
    assert [error.code for error in refused] == ["too_soon"] * 5  # type: ignore[attr-defined]
    assert value("SELECT count(*) FROM qualification") == 1


def test_passing_is_for_good(game: Game) -> None:
    game.challenge()
    player = game.player()
    take_qualification("spam", RIGHT, account_id=player, now=game.clock())
    view = take_qualification("spam", WRONG, account_id=player, now=game.clock())
    assert (view.passed, view.is_qualified, view.retry_at) == (False, True, None)
    assert value("SELECT count(*) FROM qualification") == 1


@pytest.mark.parametrize("answers", [{}, {0: "nonsense", 99: "spam", -1: "spam"}, {0: ""}])
def test_nonsense_is_wrong_and_nothing_worse(game: Game, answers: dict[int, str]) -> None:
    game.challenge()
    view = take_qualification("spam", answers, account_id=game.player(), now=game.clock())
    assert view.passed is False
    assert [answer.given for answer in view.answers] == [None] * 5


def test_passing_one_challenge_s_test_opens_no_other(game: Game) -> None:
    game.challenge()
    game.challenge("other")
    player = game.player()
    take_qualification("spam", RIGHT, account_id=player, now=game.clock())
    assert not show_qualification("other", account_id=player, now=game.clock()).is_qualified


def test_there_must_be_such_a_challenge(game: Game) -> None:
    with pytest.raises(NotFound):
        show_qualification("nowhere", account_id=game.player(), now=game.clock())
