from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from .support.databases import value
from .support.fakes import FakeReader, read_page
from .support.game import Game
from .support.labelled import as_csv, endpoint, sentence

COMMANDS = ("train", "evaluate", "register", "activate", "list", "card")


@pytest.fixture
def command(game: Game, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Runs `btm machine ...` against the game, over the fake web."""
    game.challenge()
    monkeypatch.setitem(game.app.extensions, "btm_reader", lambda: game.reader)
    monkeypatch.setitem(game.app.extensions, "btm_snapshots", game.snapshots)
    monkeypatch.setitem(game.app.extensions, "btm_machines", game.shelf)
    monkeypatch.chdir(tmp_path)
    runner = game.app.test_cli_runner()

    def run(*arguments: str, input: bytes | None = None) -> Result:
        return runner.invoke(args=["btm", "machine", *arguments], input=input)

    return run


def train(command: Any, *more: str, data: bytes | None = None) -> Result:
    Path("pages.csv").write_bytes(as_csv() if data is None else data)
    return command("train", "--challenge", "spam", "--data", "pages.csv", *more)


def test_training_says_what_it_made_and_how_good_it_is(command: Any) -> None:
    done = train(command)
    assert done.exit_code == 0, done.stderr
    assert re.search(r"spam-own [0-9a-f]{12} \(trained; ham, spam\)", done.stdout)
    assert "held out from pages.csv" in done.stdout
    assert "Average precision 1.000 [1.000, 1.000]" in done.stdout
    assert "btm machine activate --challenge spam spam-own" in done.stdout
    assert "Training [##############################] 100%" in done.stderr


def test_bad_rows_are_listed_on_standard_error_and_the_rest_is_used(command: Any) -> None:
    done = train(command, "--json", data=as_csv() + b"egg,x,\nspam,,\n")
    assert done.exit_code == 0
    assert "Row 61 has the label 'egg'; the labels are spam, ham" in done.stderr
    assert "Row 62 has neither url, text nor html" in done.stderr
    assert "2 rows were left out, 60 are used." in done.stderr
    told = json.loads(done.stdout)
    assert (told["rows"], told["left_out"], told["machine"]["name"]) == (60, 2, "spam-own")
    assert told["labels"][0]["figures"][0]["key"] == "average_precision"


def test_addresses_are_fetched(command: Any, game: Game) -> None:
    reader: FakeReader = game.reader
    lines = []
    for number in range(24):
        label = ("spam", "ham")[number % 2]
        url = f"https://s{number}.example/"
        reader.pages[url] = read_page(url, sentence(label, number))
        lines.append(json.dumps({"url": url, "label": label}))
    lines.append(json.dumps({"url": "https://gone.example/", "label": "ham"}))
    done = command(
        "train", "--challenge", "spam", "--data", "-", "--format", "jsonl", input="\n".join(lines).encode()
    )
    assert done.exit_code == 0, done.stderr
    assert "Row 25 could not be fetched" in done.stderr
    assert "standard input" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--name", "No Good"], "3 to 60 small letters"),
        (["--name", "toy"], "ships with the product"),
        (["--challenge", "nope"], "no such challenge"),
    ],
)
def test_what_is_wrong_is_a_sentence_on_standard_error_and_exit_code_1(
    command: Any, arguments: list[str], says: str
) -> None:
    done = train(command, *arguments)
    assert (done.exit_code, done.stdout) == (1, "")
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_a_file_that_cannot_be_used_ends_with_exit_code_1(command: Any) -> None:
    assert "first row" in train(command, data=b"").stderr
    few = train(command, data=as_csv(3))
    assert few.exit_code == 1
    assert "at least 10 of each label" in few.stderr
    assert value("SELECT count(*) FROM machine") == 1
    assert command("train", "--challenge", "spam", "--data", "absent.csv").exit_code == 2


def test_evaluate_list_card_and_activate(command: Any, game: Game) -> None:
    train(command)
    measured = command("evaluate", "spam-own", "--challenge", "spam", "--data", "pages.csv")
    assert measured.exit_code == 0, measured.stderr
    assert "Measured on 60 pages (pages.csv)" in measured.stdout
    nothing = command("evaluate", "spam-own", "--challenge", "spam")
    assert (nothing.exit_code, "No probe" in nothing.stderr) == (1, True)
    listed = json.loads(command("list", "--json").stdout)
    assert [(each["name"], each["kind"]) for each in listed] == [("spam-own", "trained"), ("toy", "default")]
    assert "spam-own" in command("list", "--challenge", "spam").stdout
    card = command("card", "spam-own")
    assert "Task: Is it?" in card.stdout
    assert "speaks for spam: " in card.stdout
    assert json.loads(command("card", "spam-own", "--json").stdout)["evaluation"]["rows"] == 60
    active = command("activate", "--challenge", "spam", "spam-own")
    assert active.exit_code == 0, active.stderr
    assert "plays in spam" in active.stdout
    assert game.row(game.submitted()).challenge.machine.name == "spam-own"
    assert command("activate", "--challenge", "spam", "nobody").exit_code == 1


def test_an_endpoint_is_registered_with_the_challenges_labels(command: Any) -> None:
    with endpoint() as remote:
        done = command("register", "--name", "theirs", "--url", remote.url, "--challenge", "spam", "--json")
        assert done.exit_code == 0, done.stderr
        told = json.loads(done.stdout)
        assert (told["kind"], told["labels"], told["address"]) == ("remote", ["spam", "ham"], remote.url)
        remote.mode = "nan"
        failed = command(
            "register", "--name", "theirs", "--url", f"{remote.url}?2", "--label", "a", "--label", "b"
        )
    assert failed.exit_code == 1
    assert "did not pass" in failed.stderr
    assert "NaN" in failed.stderr


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself_with_an_example(command: Any, name: str) -> None:
    done = command(name, "--help")
    assert done.exit_code == 0
    assert f"flask --app app btm machine {name}" in done.stdout
    assert "--json" in done.stdout
