"""A machine behind HTTP on loopback: whatever it does, no submission is lost, and no player sees anything but a sentence."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from btm.rules.errors import Invalid
from btm.services import machines
from btm.services.activate_machine import activate_machine
from btm.services.find_stuck import find_stuck
from btm.services.register_machine import register_machine
from btm.services.warm_up import warm_up

from ..support.crowd import at_once, errors
from ..support.game import Game
from ..support.labelled import Endpoint, endpoint

TROUBLES = ["slow", "down", "broken", "shape", "nan", "garbage"]


@pytest.fixture
def remote() -> Iterator[Endpoint]:
    with endpoint() as made:
        yield made


def plug_in(game: Game, remote: Endpoint, timeout: float = 0.5) -> None:
    """A challenge that is played against the endpoint."""
    game.challenge()
    register_machine(
        "theirs",
        url=remote.url,
        labels=["spam", "ham"],
        timeout=timeout,
        asker_id=None,
        shelf=game.shelf,
        now=game.clock(),
    )
    activate_machine("spam", "theirs", asker_id=None, shelf=game.shelf, now=game.clock())


def close_circuit() -> None:
    """Let the endpoint be asked again at once: the circuit breaker's clock is the process's, not the test's."""
    machines._loaded["theirs", "1"].machine.machine.breaker.succeeded()  # type: ignore[attr-defined]


def rest(game: Game) -> None:
    """Longer than any pause between two questions."""
    close_circuit()
    find_stuck(now=game.clock.advance(minutes=11))


def test_an_endpoint_is_asked_with_the_whole_page(game: Game, remote: Endpoint) -> None:
    plug_in(game, remote)
    url = game.page(title="Oaks", language="de")
    quote = game.row(game.quoted(url=url)).quote
    assert quote is not None
    assert (quote.machine.name, quote.probabilities) == ("theirs", [0.02, 0.98])
    page = remote.pages[-1]
    assert (page["url"], page["title"], page["language"]) == (url, "Oaks", "de")
    assert set(page) == {"url", "title", "description", "headings", "text", "links", "language"}


@pytest.mark.parametrize("mode", TROUBLES)
def test_an_endpoint_in_trouble_is_not_registered(game: Game, remote: Endpoint, mode: str) -> None:
    remote.mode = mode
    with pytest.raises(Invalid, match="did not pass"):
        plug_in(game, remote)


@pytest.mark.parametrize("mode", TROUBLES)
def test_in_any_trouble_a_submission_waits_and_is_quoted_later(
    game: Game, remote: Endpoint, mode: str
) -> None:
    plug_in(game, remote)
    remote.mode = mode
    public_id = game.submitted()
    view = game.view(public_id)
    assert (view.state, view.step, view.refusal) == ("queued", "waiting", None)
    assert view.title == "A page", "the page was read and is kept"
    remote.mode = "well"
    rest(game)
    assert game.view(public_id).state == "quoted"
    assert len(game.reader.asked) == 1, "it was fetched once"


def test_the_endpoint_goes_down_while_submissions_come_in_all_wait_then_all_are_quoted(
    game: Game, remote: Endpoint
) -> None:
    plug_in(game, remote)
    players = [game.player() for _ in range(12)]
    urls = [game.page() for _ in players]
    before = game.submitted(players[0], urls[0])
    remote.mode = "down"
    calls = [lambda p=p, u=u: game.submitted(p, u) for p, u in zip(players[1:], urls[1:], strict=True)]
    answers = at_once(game.app, calls)
    assert errors(answers) == []
    assert game.view(before).state == "quoted"
    assert {(game.view(each).state, game.view(each).step) for each in answers} == {("queued", "waiting")}
    for _ in range(20):
        find_stuck(now=game.clock.advance(minutes=30))
    assert {game.view(each).state for each in answers} == {"queued"}, "ten hours later they still wait"
    asked = remote.requests
    assert asked < 300, "and the endpoint was not hammered"
    remote.mode = "well"
    rest(game)
    for _ in range(3):
        find_stuck(now=game.clock.advance(seconds=5))
    assert {game.view(each).state for each in answers} == {"quoted"}
    assert {game.row(each).tries for each in answers} == {0}
    game.check_books()


def test_when_one_that_waited_is_answered_the_others_follow_at_once(game: Game, remote: Endpoint) -> None:
    plug_in(game, remote)
    remote.mode = "down"
    first = game.submitted()
    game.clock.advance(hours=3)
    find_stuck(now=game.clock())
    game.clock.advance(seconds=1)
    later = [game.submitted() for _ in range(5)]
    remote.mode = "well"
    close_circuit()
    game.clock.advance(seconds=19)
    find_stuck(now=game.clock())  # those that came last are asked for first
    find_stuck(now=game.clock.advance(seconds=5))
    assert {game.view(each).state for each in [first, *later]} == {"quoted"}


def test_after_a_day_a_submission_is_given_back_kindly(game: Game, remote: Endpoint) -> None:
    plug_in(game, remote)
    remote.mode = "down"
    public_id = game.submitted()
    for _ in range(30):
        find_stuck(now=game.clock.advance(hours=1))
    view = game.view(public_id)
    assert view.state == "refused"
    assert view.refusal is not None
    assert (view.refusal.code, view.refusal.headline) == ("machine_away", "The machine did not come back")
    assert "Nothing was counted against you" in view.refusal.sentence
    game.check_books()


def test_a_slow_endpoint_keeps_nobody_from_another_machine(game: Game, remote: Endpoint) -> None:
    plug_in(game, remote, timeout=5)
    game.challenge("other")
    remote.mode = "slow"
    slow = threading.Thread(target=lambda: _in_context(game, lambda: game.submitted()))
    url = game.page()
    slow.start()
    time.sleep(0.3)
    started = time.monotonic()
    public_id = game.submitted(url=url, slug="other")
    took = time.monotonic() - started
    slow.join(20)
    assert game.view(public_id).state == "quoted"
    assert took < 1.0, f"{took:.2f} s"


def test_a_worker_starts_though_its_machine_is_down(game: Game, remote: Endpoint) -> None:
    plug_in(game, remote)
    remote.mode = "down"
    machines._loaded.clear()
    warm_up(game.shelf)


def _in_context(game: Game, call: object) -> None:
    with game.app.app_context():
        call()  # type: ignore[operator]
