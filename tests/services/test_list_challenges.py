from __future__ import annotations

import pytest

from btm.rules.errors import Invalid, NotFound
from btm.services.list_challenges import list_challenges
from btm.services.show_challenge import show_challenge
from btm.services.show_console import show_console

from ..support.game import Game


def test_challenges_come_in_the_order_asked_for_the_open_ones_first(game: Game) -> None:
    game.challenge("old", max_bonus=900)
    game.clock.advance(days=1)
    game.challenge("rich", max_bonus=2000, budget=5000)
    game.clock.advance(days=1)
    game.challenge("new", max_bonus=500)
    game.challenge("broke", budget=10, max_bonus=9000)
    game.challenge("closed", state="paused", max_bonus=9000)
    game.challenge("draft", state="draft")
    orders = {
        sort: [card.slug for card in list_challenges(sort, now=game.clock())]
        for sort in ("reward", "newest", "wanted")
    }
    assert orders["reward"][:3] == ["rich", "old", "new"]
    assert orders["newest"][:3] == ["new", "rich", "old"]
    assert orders["wanted"][2] == "rich"
    assert all(set(order[3:]) == {"broke", "closed"} for order in orders.values())
    with pytest.raises(Invalid):
        list_challenges("alphabet", now=game.clock())


def test_a_card_counts_what_was_found_and_what_is_left(game: Game) -> None:
    game.challenge(budget=100_000)
    game.settled("spam")
    game.settled("ham")
    game.committed()
    [card] = list_challenges(now=game.clock())
    assert (card.found, card.in_review, card.last_found_at) == (1, 1, game.clock())
    assert card.budget_left < 100_000
    assert show_challenge("spam", now=game.clock()).card == card
    with pytest.raises(NotFound):
        show_challenge("nowhere", now=game.clock())


def test_the_console_shows_a_modeler_their_challenges_and_their_money(game: Game) -> None:
    from btm.services.roles import grant_role

    game.challenge("spam", budget=100_000)
    game.challenge("other")
    game.settled("spam")
    game.settled("ham")
    game.committed()
    game.quoted()
    game.submitted(url="https://gone.example/")
    modeler, admin, player = game.player("mo"), game.player("ad"), game.player("pl")
    grant_role("mo", "modeler", slug="spam", now=game.clock())
    grant_role("ad", "admin", now=game.clock())
    [row] = show_console(modeler, now=game.clock())
    assert (row.probes, row.refused, row.quoted, row.in_review, row.confirmed, row.rejected) == (
        5,
        1,
        1,
        1,
        1,
        1,
    )
    assert row.budget == 100_000
    assert row.budget - row.points_paid - row.points_reserved == row.card.budget_left
    assert [row.card.slug for row in show_console(admin, now=game.clock())] == ["spam", "other"]
    assert show_console(player, now=game.clock()) == []
