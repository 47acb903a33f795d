from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from .support import rounds as support
from .support.databases import value
from .support.game import Game

COMMANDS = ("start", "status", "promote", "rollback")


@pytest.fixture
def command(game: Game, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Runs `btm round ...` against a game with a trained machine and a corpus."""
    game.challenge()
    support.with_worker(game)
    support.play_trained(game)
    support.add_corpus(game)
    monkeypatch.setitem(game.app.extensions, "btm_snapshots", game.snapshots)
    monkeypatch.chdir(tmp_path)
    Path("traffic.csv").write_bytes(support.natural())
    runner = game.app.test_cli_runner()

    def run(*arguments: str) -> Result:
        return runner.invoke(args=["btm", "round", *arguments])

    return run


def start(command: Any, *more: str) -> Result:
    return command("start", "spam", "--natural", "traffic.csv", *more)


def test_a_round_from_start_to_rollback(command: Any) -> None:
    done = start(command)
    assert done.exit_code == 0, done.stderr
    assert "Round 1 (candidate, ready): toy-own" in done.stdout
    assert "Natural traffic, 200 pages:" in done.stdout
    assert "fixed" in done.stdout
    assert "btm round promote spam 1" in done.stdout
    assert "Round [##############################] 100% ready" in done.stderr
    told = json.loads(command("promote", "spam", "--json").stdout)
    assert (told["state"], told["closed"], told["regressed"]) == ("promoted", 6, 0)
    assert "6 clusters closed, 0 regressed" in command("status", "spam", "1").stdout
    listed = json.loads(command("status", "spam", "--json").stdout)
    assert [(each["number"], each["state"]) for each in listed] == [(1, "promoted")]
    back = command("rollback", "spam")
    assert back.exit_code == 0, back.stderr
    assert "rolled_back" in back.stdout
    assert "Round 1 (candidate, rolled_back)" in command("status", "spam").stdout


def test_what_is_not_recommended_is_promoted_by_force_only(command: Any) -> None:
    Path("traffic.csv").write_bytes(support.csv_of(20, 90_000))
    done = start(command)
    assert "not enough data" in done.stdout
    refused = command("promote", "spam", "1")
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "With --force" in refused.stderr
    assert command("promote", "spam", "1", "--force").exit_code == 0


def test_without_waiting_it_says_how_the_round_stands(command: Any, game: Game) -> None:
    game.bell.hold()
    done = start(command, "--no-wait", "--json")
    assert (json.loads(done.stdout)["state"], json.loads(done.stdout)["progress"]) == ("training", 0.0)
    again = start(command)
    assert (again.exit_code, "under way" in again.stderr) == (1, True)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("start", "nowhere"), "no such challenge"),
        (("status", "spam", "7"), "spam has no round 7"),
        (("promote", "spam"), "spam has no round yet"),
        (("rollback", "spam"), "nothing to roll back"),
    ],
)
def test_what_is_wrong_is_a_sentence_on_standard_error_and_exit_code_1(
    command: Any, arguments: tuple[str, ...], says: str
) -> None:
    done = command(*arguments)
    assert (done.exit_code, done.stdout) == (1, "")
    assert says in done.stderr
    assert value("SELECT count(*) FROM round") == 0


def test_a_round_that_fails_ends_with_exit_code_1(command: Any) -> None:
    Path("few.csv").write_bytes(support.csv_of(3, 0))
    done = start(command, "--data", "few.csv")
    assert done.exit_code == 1
    assert "at least 10 of each label" in done.stdout
    assert start(command).exit_code == 0


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself_with_an_example(command: Any, name: str) -> None:
    done = command(name, "--help")
    assert done.exit_code == 0
    assert f"flask --app app btm round {name}" in done.stdout
    assert "--json" in done.stdout
