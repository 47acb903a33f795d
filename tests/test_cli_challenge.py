from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from btm.cli.challenge import read_pairs
from btm.rules.errors import Invalid
from btm.services.challenge_files import write_challenge_file
from btm.services.list_starters import list_starters, read_starter

from .support.databases import rows, value
from .support.designs import spam_design
from .support.game import Game


@pytest.fixture
def command(game: Game, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Runs `btm challenge ...` in a folder with the file of a finished challenge."""
    game.machine_row()
    monkeypatch.setitem(game.app.extensions, "btm_machines", game.shelf)
    monkeypatch.chdir(tmp_path)
    Path("spam.yaml").write_text(write_challenge_file(spam_design("spam")), encoding="utf-8")
    runner = game.app.test_cli_runner()

    def run(*arguments: str) -> Result:
        return runner.invoke(args=["btm", "challenge", *arguments])

    return run


def done(result: Result) -> str:
    assert result.exit_code == 0, result.output
    return result.stdout


def test_from_a_file_to_a_live_challenge_and_back_to_the_same_file(game: Game, command: Any) -> None:
    assert json.loads(done(command("create", "spam.yaml", "--json"))) == {"slug": "spam"}
    assert "Ready to go live." in done(command("check", "spam"))
    done(command("resume", "spam"))
    game.quoted()
    assert json.loads(done(command("fund", "spam", "500", "--key", "once", "--json")))["free"] == 100_500
    done(command("fund", "spam", "500", "--key", "once"))
    assert value("SELECT sum(budget) FROM ledger") == 100_500
    done(command("edit", "spam", "--set", "rules.max_bonus=2000", "--set", "title=Find: spam"))
    Path("out.yaml").write_text(done(command("export", "spam")), encoding="utf-8")
    done(command("create", "out.yaml", "--slug", "again"))
    told = [json.loads(done(command("show", slug, "--json")))["challenge"] for slug in ("spam", "again")]
    assert (told[0]["title"], told[0]["rules"]) == ("Find: spam", {"max_bonus": 2000})
    assert {**told[0], "slug": "again", "topic": "again"} == told[1]
    done(command("pause", "spam"))
    done(command("archive", "spam"))
    listed = json.loads(done(command("list", "--json")))
    assert {each["slug"]: each["state"] for each in listed} == {"spam": "archived", "again": "draft"}


def test_what_is_refused_says_why_and_leaves_everything_as_it_is(command: Any) -> None:
    done(command("create", "--from", "blank", "--slug", "new"))
    refused = command("check", "new")
    assert refused.exit_code == 1
    assert "missing [title]" in refused.stdout
    before = rows("SELECT * FROM challenge")
    Path("bad.yaml").write_text("slug: x\nlabels:\n  - kee: a\n", encoding="utf-8")
    for said, *arguments in (
        ("Line 3", "create", "bad.yaml"),
        ("one of the two", "create"),
        ("no starting point", "create", "--from", "nothing"),
        ("title", "resume", "new"),
        ("max_bonus", "edit", "new", "--set", "rules.max_bonus=lots"),
        ("NAME=VALUE", "edit", "new", "--set", "title"),
        ("changed this challenge", "edit", "new", "--set", "title=A", "--revision", "7"),
        ("no such challenge", "show", "nothing"),
    ):  # fmt: skip
        result = command(*arguments)
        assert result.exit_code == 1, arguments
        assert said in result.stderr
    assert rows("SELECT * FROM challenge") == before


def test_a_clone_and_every_starting_point_are_drafts(command: Any) -> None:
    done(command("create", "spam.yaml"))
    assert "copy is a draft" in done(command("clone", "spam", "--slug", "copy"))
    assert {each["name"] for each in json.loads(done(command("starters", "--json")))} >= {"blank", "graded"}
    for each in list_starters():
        assert (read_starter(each.name).slug, read_starter(each.name).topic) == ("", "")


def test_pairs_are_read_as_in_a_challenges_file() -> None:
    read = read_pairs(
        ("rules.max_bonus=5", "rules.sharpness=", "harmful=true", "cost=[[0, 1], [2, 0]]", "title=")
    )
    assert read == {
        "rules": {"max_bonus": 5, "sharpness": None}, "harmful": True, "cost": [[0, 1], [2, 0]], "title": "",
    }  # fmt: skip
    with pytest.raises(Invalid):
        read_pairs(("labels.0.key=a",))
