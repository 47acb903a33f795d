"""Pages of a player's own making, on real rows: who is listed, why, and who is not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from btm.pages.blocks import Block
from btm.rules.errors import Forbidden
from btm.services.show_players import show_players
from btm.services.views_judges import PlayersView

from ..support import texts
from ..support.game import Game

FRAME = (
    "Our quiet corner of the web",
    "Written by hand, every line",
    "More of this kind",
    "© 2025 the corner",
)


def hand_in(
    game: Game, player: int, host: str, *, frame: tuple[str, ...] = (), slug: str = "spam", path: str = "page"
) -> str:
    """A page of a site: its own text, in a frame of short lines."""
    words = texts.text(f"{host} {path} {player}", 120)
    address = game.page(f"https://{host}/{path}", text="\n\n".join([*frame, words]))
    blocks = (*(Block("li", line) for line in frame), Block("p", words))
    game.reader.pages[address] = replace(game.reader.pages[address], blocks=blocks)  # type: ignore[type-var]
    return game.quoted(player, address, slug=slug)


def signs(game: Game) -> PlayersView:
    return show_players("spam", asker_id=None, now=game.clock())


@pytest.fixture
def crowd(game: Game) -> Game:
    """Three honest players, whose sites are partly known to each other, and partly to nobody else."""
    game.challenge()
    for number in range(3):
        player = game.player(f"honest{number}")
        for each in range(3):
            hand_in(game, player, f"own{number}{each}.example")
        for each in range(3):
            hand_in(game, player, f"known{each}.example", path=str(number))
    return game


def test_where_nobody_handed_in_enough_nothing_is_said(game: Game) -> None:
    game.challenge()
    for number in range(3):
        hand_in(game, game.player(), f"a{number}.example", frame=FRAME)
    view = signs(game)
    assert (view.players, view.looked_at) == ((), 0)


def test_a_player_whose_sites_are_of_one_make_comes_first_with_reasons(crowd: Game) -> None:
    maker = crowd.player("maker")
    pages = [hand_in(crowd, maker, f"made{number}.example", frame=FRAME) for number in range(5)]
    crowd.commit(pages[0])
    crowd.judged(pages[0], "spam", "spam")
    view = signs(crowd)
    first = view.players[0]
    assert (first.handle, first.pages, first.own_pages, first.own_sites) == ("maker", 5, 5, 5)
    assert first.score > 0.6
    assert all(each.score < 0.4 for each in view.players[1:])
    assert "share a frame" in first.reasons[0]
    assert any("50% is usual here" in reason for reason in first.reasons)
    assert first.oldest_year == 2025
    assert dict(first.examples)["made0.example"] == pages[0]
    assert dict(first.examples)["made4.example"] == "", "what is no find is not public"
    assert view.looked_at == 4


def test_a_frame_that_others_sites_have_too_is_no_sign(crowd: Game) -> None:
    for name in ("ada", "bea"):
        player = crowd.player(name)
        for number in range(4):
            hand_in(crowd, player, f"{name}{number}.example", frame=FRAME)
    assert not any("share a frame" in reason for each in signs(crowd).players for reason in each.reasons)


def test_a_site_that_somebody_handed_in_elsewhere_is_nobody_s_own(crowd: Game) -> None:
    crowd.challenge("other")
    maker, helper = crowd.player("maker"), crowd.player("friend")
    for number in range(5):
        hand_in(crowd, maker, f"made{number}.example", frame=FRAME)
        hand_in(crowd, helper, f"made{number}.example", slug="other")
    assert all(each.handle != "maker" for each in signs(crowd).players)


def test_it_is_for_the_challenge_s_modelers_and_looks_at_its_pages_only(crowd: Game) -> None:
    with pytest.raises(Forbidden):
        show_players("spam", asker_id=crowd.player(), now=crowd.clock())
    crowd.challenge("other")
    maker = crowd.player("maker")
    for number in range(5):
        hand_in(crowd, maker, f"made{number}.example", frame=FRAME, slug="other")
    assert all(each.handle != "maker" for each in signs(crowd).players)


def test_what_was_handed_in_long_ago_is_not_looked_at(crowd: Game) -> None:
    crowd.clock.advance(days=181)
    assert signs(crowd).looked_at == 0
