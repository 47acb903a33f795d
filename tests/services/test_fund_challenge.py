"""Money goes into a budget, and out of it only where it is free."""

from __future__ import annotations

import pytest

from btm.rules.errors import Conflict, Forbidden, Invalid, NotFound
from btm.services.fund_challenge import fund_challenge
from btm.services.roles import grant_role

from ..support.crowd import at_once, errors
from ..support.databases import rows, value
from ..support.game import Game


def fund(game: Game, points: int, *, key: str = "", asker_id: int | None = None, slug: str = "spam") -> int:
    pots = fund_challenge(slug, points, asker_id=asker_id, now=game.clock(), key=key or game.new("key"))
    return pots.free


def test_points_go_in_and_out_and_both_are_written_down(game: Game) -> None:
    game.challenge(budget=1000)
    assert fund(game, 500) == 1500
    assert fund(game, -1500) == 0
    assert rows("SELECT verb, subject FROM act ORDER BY id") == [
        ("fund_challenge", "challenge:spam"),
        ("defund_challenge", "challenge:spam"),
    ]
    game.check_books()


def test_a_draft_can_be_funded_before_anybody_sees_it(game: Game) -> None:
    game.challenge(budget=0, state="draft")
    assert fund(game, 700) == 700


def test_what_is_promised_or_earned_cannot_be_taken_out(game: Game) -> None:
    game.challenge(budget=5000)
    game.settled()
    game.committed()
    free = int(str(value("SELECT sum(budget) FROM ledger")))
    with pytest.raises(Conflict) as refused:
        fund(game, -free - 1)
    assert f"Only {free:,} points are free" in refused.value.sentence
    assert fund(game, -free) == 0
    game.check_books()


def test_asking_twice_with_one_key_funds_once(game: Game) -> None:
    game.challenge(budget=0)
    assert errors(at_once(game.app, [lambda: fund(game, 100, key="same")] * 6)) == []
    assert value("SELECT sum(budget) FROM ledger") == 100
    assert value("SELECT count(*) FROM act") == 1


def test_many_who_take_out_at_once_take_no_more_than_there_is(game: Game) -> None:
    game.challenge(budget=1000)
    answers = at_once(game.app, [lambda: fund(game, -400)] * 5)
    assert len(errors(answers)) == 3
    assert value("SELECT sum(budget) FROM ledger") == 200


@pytest.mark.parametrize("points", [0, 10**13, -(10**13)])
def test_no_points_and_absurdly_many_are_refused(game: Game, points: int) -> None:
    game.challenge()
    with pytest.raises(Invalid):
        fund(game, points)


def test_only_a_challenge_s_modelers_move_its_money(game: Game) -> None:
    game.challenge()
    game.challenge("other")
    modeler, player = game.player("mo"), game.player()
    grant_role("mo", "modeler", slug="spam", now=game.clock())
    fund(game, 10, asker_id=modeler)
    for asker, slug in ((player, "spam"), (modeler, "other")):
        with pytest.raises(Forbidden):
            fund(game, 10, asker_id=asker, slug=slug)
    game.challenge("secret", state="draft")
    for asker_id, slug in ((None, "nowhere"), (player, "secret")):
        with pytest.raises(NotFound):
            fund(game, 10, asker_id=asker_id, slug=slug)
