from __future__ import annotations

import pytest

from btm.rules.errors import Invalid, NotFound
from btm.services.list_finds import list_finds
from btm.services.show_submission import show_submission

from ..support.game import Game


def test_what_was_found_is_for_everybody_newest_first(game: Game) -> None:
    game.challenge()
    ada = game.player("ada")
    first, second = game.settled("spam", ada), game.settled("spam", ada)
    game.settled("ham", ada)
    game.committed(ada)
    page = list_finds("spam", now=game.clock())
    assert ([find.public_id for find in page.finds], page.total) == ([second, first], 2)
    find = page.finds[0]
    assert (find.finder, find.truth.key, find.machine_said.key, find.belief) == ("ada", "spam", "ham", 0.98)
    assert find.points == game.view(second).quote.points  # type: ignore[union-attr]
    assert show_submission(first, viewer_id=None, now=game.clock()).title


@pytest.mark.parametrize("harmful", [True, False])
def test_the_address_of_a_harmful_page_is_text_and_no_link(game: Game, harmful: bool) -> None:
    game.challenge(harmful=harmful)
    url = game.page()
    game.settled("spam", url=url)
    [find] = list_finds("spam", now=game.clock()).finds
    assert (find.url_text, find.link) == (url, "" if harmful else url)


@pytest.mark.parametrize("state", ["refused", "quoted", "in_review", "rejected"])
def test_what_is_no_find_is_nobody_else_s_business(game: Game, state: str) -> None:
    game.challenge()
    player = game.player()
    public_id = {
        "refused": lambda: game.submitted(player, "https://gone.example/"),
        "quoted": lambda: game.quoted(player),
        "in_review": lambda: game.committed(player),
        "rejected": lambda: game.settled("ham", player),
    }[state]()
    assert game.view(public_id, player).state == state
    for stranger in (None, game.player()):
        with pytest.raises(NotFound):
            show_submission(public_id, viewer_id=stranger, now=game.clock())


def test_a_long_list_comes_in_pages(game: Game) -> None:
    game.challenge()
    made = [game.settled("spam") for _ in range(5)]
    first = list_finds("spam", now=game.clock(), limit=3)
    second = list_finds("spam", now=game.clock(), limit=3, cursor=first.next_cursor)
    assert [find.public_id for find in (*first.finds, *second.finds)] == made[::-1]
    assert (first.total, second.next_cursor) == (5, None)
    with pytest.raises(Invalid):
        list_finds("spam", now=game.clock(), cursor="broken")
    with pytest.raises(NotFound):
        list_finds("nowhere", now=game.clock())
