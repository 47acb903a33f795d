"""`flask --app app btm webhook ...`"""

from __future__ import annotations

import json
from typing import Any

import pytest
from click.testing import Result

from .api.test_webhooks import LOCAL, Receiver
from .support.game import Game


@pytest.fixture
def receiver(game: Game, monkeypatch: pytest.MonkeyPatch) -> Receiver:
    monkeypatch.setitem(game.app.extensions, "btm_policy", LOCAL)
    game.challenge()
    return Receiver()


def run(game: Game, *arguments: str) -> Result:
    return game.app.test_cli_runner().invoke(args=["btm", "webhook", *arguments])


def done(game: Game, *arguments: str) -> Any:
    result = run(game, *arguments, "--json")
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def test_a_webhook_from_its_beginning_to_its_end(game: Game, receiver: Receiver) -> None:
    made = done(game, "add", "spam", receiver.url, "--event", "verdict")
    assert made["secret"].startswith("whsec_")
    hook = made["public_id"]
    assert done(game, "test", "spam", hook)["state"] == "sent"
    assert receiver.told[0][0]["BTM-Event"] == "test"
    game.settled()
    told, tested = done(game, "log", "spam", hook)
    assert [(each["event"], each["state"]) for each in (told, tested)] == [
        ("verdict", "waiting"),
        ("test", "sent"),
    ]
    assert done(game, "send-again", "spam", hook, told["public_id"])["answer"] == "answered 204"
    assert done(game, "pause", "spam", hook)["state"] == "paused"
    assert done(game, "resume", "spam", hook)["state"] == "on"
    assert f"{hook} on {receiver.url}/ (verdict)" in run(game, "list", "spam").stdout
    assert done(game, "remove", "spam", hook) == {"removed": hook}
    assert done(game, "list", "spam") == []


def test_a_test_that_is_not_taken_leaves_with_1_and_says_why(game: Game, receiver: Receiver) -> None:
    hook = done(game, "add", "spam", receiver.url)["public_id"]
    receiver.status = 503
    tried = run(game, "test", "spam", hook)
    assert (tried.exit_code, "test failed, 1 try: answered 503" in tried.stdout) == (1, True)
    assert "answered 503" in run(game, "log", "spam", hook).stdout


def test_what_is_refused_is_a_sentence(game: Game, receiver: Receiver) -> None:
    assert "No webhook yet." in run(game, "list", "spam").stderr
    for words, said in (
        (("add", "spam", "no address"), ""),
        (("test", "spam", "nothing"), "There is no such webhook."),
        (("remove", "nowhere", "nothing"), "no such challenge"),
    ):
        refused = run(game, *words)
        assert (refused.exit_code, refused.stdout) == (1, "")
        assert said in refused.stderr, words
    secret = run(game, "add", "spam", receiver.url).stdout
    assert "secret, shown once: whsec_" in secret


@pytest.mark.parametrize("verb", ["add", "list", "log", "test", "send-again", "pause", "resume", "remove"])
def test_every_verb_has_an_example(game: Game, verb: str) -> None:
    assert f"btm webhook {verb} drugs" in run(game, verb, "--help").stdout
