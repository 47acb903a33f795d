from __future__ import annotations

import json
from typing import Any

import pytest
from click.testing import Result

from .support.collected import collected
from .support.game import Game


@pytest.fixture
def command(game: Game, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs `btm collect ...` against a game that has 20 examples of spam, and 12 of ham."""
    game.challenge(mode="collect", collect_goal=60, collect_least=20)
    collected(game, "spam", 20)
    collected(game, "ham", 12)
    monkeypatch.setitem(game.app.extensions, "btm_snapshots", game.snapshots)
    runner = game.app.test_cli_runner()

    def run(*arguments: str) -> Result:
        return runner.invoke(args=["btm", "collect", *arguments])

    return run


def test_from_what_is_missing_to_the_first_machine(game: Game, command: Any) -> None:
    said = command("status", "--challenge", "spam")
    assert said.exit_code == 0, said.output
    assert "Missing for a first machine: 8 of ham" in said.stdout
    refused = command("train", "--challenge", "spam")
    assert refused.exit_code == 1
    assert "8" in refused.stderr
    collected(game, "ham", 8)
    assert "btm collect train --challenge spam" in command("status", "--challenge", "spam").stdout
    done = command("train", "--challenge", "spam", "--name", "taught", "--json")
    assert done.exit_code == 0, done.stderr
    assert json.loads(done.stdout)["machine"]["name"] == "taught"
    assert json.loads(command("status", "--challenge", "spam", "--json").stdout)["mode"] == "beat"


def test_the_addresses_go_to_standard_output(command: Any) -> None:
    said = command("urls", "--challenge", "spam", "--which", "checked", "--format", "jsonl")
    assert said.exit_code == 0, said.stderr
    assert len([json.loads(line) for line in said.stdout.splitlines()]) == 32
    assert command("urls", "--challenge", "nothing").exit_code == 1
