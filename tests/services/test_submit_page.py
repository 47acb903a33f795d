from __future__ import annotations

import pytest

from btm.rules.errors import DomainError, Invalid, NotFound
from btm.services.submit_page import submit_page

from ..support.crowd import at_once
from ..support.databases import value
from ..support.game import Game


def submit(game: Game, url: str, player: int, slug: str = "spam") -> str:
    return submit_page(slug, url, player_id=player, now=game.clock(), new_id=game.new("sub"))


def test_a_pasted_address_becomes_a_queued_row_and_a_ring_of_the_bell(game: Game) -> None:
    game.challenge()
    game.bell.hold()
    public_id = submit(game, "https://a.example/x", game.player())
    row = game.row(public_id)
    assert (row.state, row.fence, row.wake_at) == ("queued", 0, game.clock())
    assert game.bell.rung == [("examine", row.id)]


def test_an_address_without_a_scheme_is_understood(game: Game) -> None:
    game.challenge()
    game.bell.hold()
    assert game.row(submit(game, "a.example/x", game.player())).url == "https://a.example/x"


@pytest.mark.parametrize(
    "again", ["https://a.example/x", "https://A.example:443/x?utm_source=y#part", "  https://a.example/x "]
)
def test_the_same_address_on_its_way_is_the_same_submission(game: Game, again: str) -> None:
    game.challenge()
    game.bell.hold()
    player = game.player()
    first = submit(game, "https://a.example/x", player)
    assert submit(game, again, player) == first
    assert value("SELECT count(*) FROM submission") == 1


def test_the_same_address_pasted_fifty_times_at_once_is_one_submission(game: Game) -> None:
    game.challenge()
    game.bell.hold()
    player = game.player()
    ids = [game.new("sub") for _ in range(50)]
    answers = at_once(
        game.app,
        [
            lambda new_id=new_id: submit_page(
                "spam", "https://a.example/x", player_id=player, now=game.clock(), new_id=new_id
            )
            for new_id in ids
        ],
    )
    assert len(set(answers)) == 1, answers
    assert value("SELECT count(*) FROM submission") == 1


def test_two_players_may_probe_the_same_address(game: Game) -> None:
    game.challenge()
    game.bell.hold()
    assert submit(game, "https://a.example/x", game.player()) != submit(
        game, "https://a.example/x", game.player()
    )


def test_one_address_may_be_probed_in_two_challenges(game: Game) -> None:
    game.challenge("one")
    game.challenge("two")
    game.bell.hold()
    player = game.player()
    assert submit(game, "https://a.example/x", player, "one") != submit(
        game, "https://a.example/x", player, "two"
    )


def test_an_address_may_be_tried_again_after_it_was_refused(game: Game) -> None:
    game.challenge()
    player = game.player()
    first = submit(game, "https://gone.example/x", player)
    assert game.row(first).state == "refused"
    assert submit(game, "https://gone.example/x", player) != first


@pytest.mark.parametrize(
    "url", ["", "   ", "hello there", "javascript:alert(1)", "file:///etc/passwd", "ftp://a.example/", "https://",
            "https://me:secret@a.example/", "https://a.example/" + "x" * 2001]
)  # fmt: skip
def test_what_is_no_web_address_is_said_at_once(game: Game, url: str) -> None:
    game.challenge()
    with pytest.raises(Invalid) as caught:
        submit(game, url, game.player())
    assert caught.value.field == "url"
    assert value("SELECT count(*) FROM submission") == 0


@pytest.mark.parametrize("url", ["https://a.example/" + "é" * 1900, "https://a.example/?q=" + "漢" * 1900])
def test_an_address_that_grows_too_long_when_it_is_spelt_out_is_refused_kindly(game: Game, url: str) -> None:
    game.challenge()
    with pytest.raises(Invalid) as caught:
        submit(game, url, game.player())
    assert caught.value.field == "url"


def test_a_blocked_address_is_refused_without_a_fetch(game: Game) -> None:
    game.challenge()
    game.reader.pages["http://127.0.0.1/"] = "blocked_address"
    view = game.view(submit(game, "http://127.0.0.1/", game.player()))
    assert view.refusal is not None
    assert view.refusal.code == "blocked"


def test_there_must_be_such_a_challenge(game: Game) -> None:
    game.challenge("draft", state="draft")
    for slug in ("nowhere", "draft"):
        with pytest.raises(NotFound):
            submit(game, "https://a.example/x", game.player(), slug)


def test_a_challenge_name_with_a_nul_is_a_mistake_of_who_asks(game: Game) -> None:
    with pytest.raises(DomainError):
        submit(game, "https://a.example/x", game.player(), "nul\x00nul")


def test_a_closed_challenge_refuses_kindly_and_fetches_nothing(game: Game) -> None:
    game.challenge(state="paused")
    view = game.view(submit(game, "https://a.example/x", game.player()))
    assert view.state == "refused"
    assert view.refusal is not None
    assert view.refusal.code == "closed"
    assert game.reader.asked == []
