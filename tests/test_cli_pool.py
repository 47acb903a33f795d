from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from .support import texts
from .support.game import Game


@pytest.fixture
def command(game: Game, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Runs `btm pool ...` against a game, in a folder with a file of three pages and a bad row."""
    game.challenge()
    monkeypatch.setitem(game.app.extensions, "btm_snapshots", game.snapshots)
    monkeypatch.setitem(game.app.extensions, "btm_machines", game.shelf)
    monkeypatch.chdir(tmp_path)
    lines = [
        "id,url,text,label",
        *(f"{name},https://{name}.example/,{texts.text(name)},ham" for name in "abc"),
    ]
    Path("pages.csv").write_text("\n".join([*lines, "d,,Eggs,eggs", ""]))
    runner = game.app.test_cli_runner()

    def run(*arguments: str) -> Result:
        return runner.invoke(args=["btm", "pool", *arguments])

    return run


def test_a_draft_takes_no_pool_and_says_what_to_do_before_anything_is_fetched(
    game: Game, command: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    game.challenge("later", state="draft")
    monkeypatch.setitem(game.app.extensions, "btm_reader", None)
    refused = command("import", "pages.csv", "--challenge", "later")
    assert (refused.exit_code, "Put it live first" in refused.stderr) == (1, True)
    assert "Put it live first" in command("status", "--challenge", "later").stderr


def test_from_a_file_to_the_queue_and_back(command: Any) -> None:
    done = command("import", "pages.csv", "--challenge", "spam", "--most", "1", "--json")
    assert done.exit_code == 0, done.stderr
    assert json.loads(done.stdout) == {"added": 3, "known": 0, "put_up": 1}
    assert "eggs" in done.stderr
    assert (
        command("review", "--challenge", "spam", "--by", "lu", "--most", "1").stdout
        == "1 put up for judgement\n"
    )
    said = command("status", "--challenge", "spam").stdout
    assert "3 pages: 1 wait, 2 up for judgement, 0 undecided, 0 with a verdict" in said
    assert json.loads(command("status", "--challenge", "spam", "--json").stdout)["given"] == 3
    lines = command("export", "--challenge", "spam").stdout.splitlines()
    assert [json.loads(line)["name"] for line in lines] == ["a", "b", "c"]


def test_what_cannot_be_done_is_said_with_exit_code_1(command: Any) -> None:
    nothing = command("review", "--challenge", "spam")
    assert nothing.exit_code == 1
    assert "Import some first" in nothing.stderr
    Path("empty.csv").write_text("name\nx\n")
    assert command("import", "empty.csv", "--challenge", "spam").exit_code == 1


def test_other_tools_files_come_and_go(command: Any) -> None:
    Path("own").mkdir()
    Path("own/train.csv").write_text(f"url,text,label\nhttps://a.example/,{texts.text('a')},spam\n")
    done = command("import", "own", "--challenge", "spam", "--json")
    assert done.exit_code == 0, done.stderr
    assert json.loads(done.stdout)["added"] == 1
    tasks = command("export", "--challenge", "spam", "--format", "label-studio").stdout
    Path("tasks.json").write_text(tasks)
    again = command("import", "tasks.json", "--challenge", "spam", "--json")
    assert json.loads(again.stdout)["known"] == 1
    assert command("export", "--challenge", "spam", "--format", "crowd-kit").stdout.split() == [
        "task,worker,label"
    ]
    assert "<Choices" in command("export", "--challenge", "spam", "--format", "label-studio-config").stdout
