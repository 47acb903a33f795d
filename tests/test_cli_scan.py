from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from btm.services.train_machine import train_machine
from classifiers.errors import MachineUnavailable

from .support import texts
from .support.crawls import crawl, known_cause, ordinary, write_jsonl, write_warc
from .support.databases import value
from .support.game import Game
from .support.labelled import labelled


@pytest.fixture
def command(game: Game, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Runs `btm ...` against a game that knows one cause of errors."""
    known_cause(game)
    monkeypatch.setitem(game.app.extensions, "btm_snapshots", game.snapshots)
    monkeypatch.setitem(game.app.extensions, "btm_machines", game.shelf)
    monkeypatch.chdir(tmp_path)
    runner = game.app.test_cli_runner()

    def run(*arguments: str, input: bytes | None = None) -> Result:
        return runner.invoke(args=["btm", *arguments], input=input)

    return run


def test_a_scan_prints_how_common_each_cluster_is(command: Any, game: Game) -> None:
    write_jsonl(Path("c.jsonl"), [*crawl(game, 60, 5), ("https://empty.example/", "")])
    done = command("scan", "--challenge", "spam", "--workers", "1", "--suspects", "6", "c.jsonl")
    assert done.exit_code == 0, done.stderr
    assert "60 pages scored by toy 1, 60 of them open to error; left out: 1 empty" in done.stdout
    assert "200,000" in done.stdout
    assert "6 put up for review; 0 were there already" in done.stdout
    assert "Scanning [##############################] 100% 60 pages" in done.stderr
    assert value("SELECT count(*) FROM review_item WHERE origin = 'pool'") == 6
    assert value("SELECT count(*) FROM cluster WHERE prevalence IS NOT NULL") == 1
    again = command(
        "scan", "--workers", "1", "--suspects", "6", "c.jsonl"
    )  # the only challenge need not be named
    assert again.exit_code == 0, again.stderr
    assert "0 put up for review; 6 were there already" in again.stdout
    assert "200,000" in again.stdout


def test_a_web_archive_is_scanned_without_review_and_told_as_json(command: Any, game: Game) -> None:
    write_warc(Path("c.warc.gz"), crawl(game, 40, 8))
    done = command("scan", "--workers", "1", "--no-review", "--json", "--state", "here", "c.warc.gz")
    assert done.exit_code == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["pages"], told["clusters"][0]["suspects"], told["sent"]) == (40, 5, 0)
    assert told["review"] == {"added": 0, "known": 0, "unpaid": 0}
    assert Path("here/chunks.jsonl").exists()
    assert value("SELECT count(*) FROM review_item WHERE origin = 'pool'") == 0


def test_a_scan_that_was_interrupted_goes_on(
    command: Any, game: Game, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = crawl(game, 40, 8)
    write_jsonl(Path("a.jsonl"), rows[:20])
    write_jsonl(Path("b.jsonl"), rows[20:])
    ask, asked = game.machine.predict_proba, 0

    def interrupted(pages: Any) -> Any:
        nonlocal asked
        asked += len(pages)
        if asked > 20:
            raise KeyboardInterrupt
        return ask(pages)

    monkeypatch.setattr(game.machine, "predict_proba", interrupted)
    stopped = command("scan", "--workers", "1", "--no-review", "a.jsonl", "b.jsonl")
    assert (stopped.exit_code, value("SELECT count(*) FROM scan")) == (130, 0)
    assert "The same command goes on from here" in stopped.stderr
    monkeypatch.setattr(game.machine, "predict_proba", ask)
    done = command("scan", "--workers", "1", "--no-review", "--json", "a.jsonl", "b.jsonl")
    assert json.loads(done.stdout)["clusters"][0]["suspects"] == 5
    assert "100% 20 pages" in done.stderr  # the others were scored before


def test_parts_that_failed_are_told_and_tried_again(command: Any, game: Game) -> None:
    write_jsonl(Path("c.jsonl"), crawl(game, 20, 5))
    game.machine.trouble = MachineUnavailable("The machine does not answer.")
    failed = command("scan", "--workers", "1", "c.jsonl")
    assert (failed.exit_code, failed.stdout) == (3, "")
    assert "The machine does not answer." in failed.stderr
    assert "1 part of the crawl" in failed.stderr
    assert value("SELECT count(*) FROM scan") == 0
    game.machine.trouble = None
    assert command("scan", "--workers", "1", "c.jsonl").exit_code == 0


def test_a_trained_machine_scans_in_processes_of_dask(command: Any, game: Game, tmp_path: Path) -> None:
    """On the machine's own files: the processes know nothing of this one's toys."""
    from btm.pages.snapshot import FolderSnapshots
    from btm.services.activate_machine import activate_machine
    from btm.services.machines import MachineShelf

    settings = game.database.settings
    snapshots = FolderSnapshots(settings.snapshot_dir)
    train_machine(
        "spam",
        labelled(),
        name="own",
        data_name="x.csv",
        asker_id=None,
        snapshots=snapshots,
        now=game.clock(),
    )
    shelf = MachineShelf(snapshots, settings.machine_dir)
    activate_machine("spam", "own", None, asker_id=None, shelf=shelf, now=game.clock())
    rows = [(f"https://a{n}.example/", texts.same_topic("cause", 900 + n)) for n in range(3)]
    rows += [(f"https://b{n}.example/", ordinary(n)) for n in range(9)]
    write_jsonl(Path("c.jsonl"), rows)
    done = command("scan", "--workers", "2", "--no-review", "--json", "c.jsonl")
    assert done.exit_code == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["machine"], told["pages"]) == ("own", 12)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["missing.jsonl"], "There is nothing to scan at missing.jsonl."),
        (["--challenge", "other", "c.jsonl"], "There is no such challenge"),
        (["notes.docx"], "of no known kind"),
    ],
)
def test_what_cannot_be_scanned_is_a_sentence_and_exit_code_1(
    command: Any, arguments: list[str], says: str
) -> None:
    Path("notes.docx").write_text("x")
    refused = command("scan", "--workers", "1", *arguments)
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert says in refused.stderr


def test_without_a_challenge_it_must_be_clear_which(command: Any, game: Game) -> None:
    game.challenge("other")
    refused = command("scan", "c.jsonl")
    assert (refused.exit_code, refused.stderr) == (1, "Say which challenge, with --challenge: other, spam.\n")


def test_help_shows_examples(command: Any) -> None:
    for words in (["scan"], ["audit", "start"], ["audit", "show"]):
        shown = command(*words, "--help")
        assert shown.exit_code == 0
        assert f"flask --app app btm {' '.join(words)} --challenge drugs" in shown.stdout


def test_an_audit_is_drawn_and_shown(command: Any, game: Game) -> None:
    lines = []
    for number in range(30):
        url = f"https://pool{number}.example/"
        game.machine.believe(url, (number / 60, 1 - number / 60))
        lines.append(json.dumps({"url": url, "text": texts.text(f"pool {number}", 20)}))
    lines.append(json.dumps({"url": "https://only.example/"}))
    pool = "\n".join(lines).encode()
    start = (
        "audit",
        "start",
        "--challenge",
        "spam",
        "--data",
        "-",
        "--format",
        "jsonl",
        "--bins",
        "3",
        "--wanted",
        "6",
    )
    done = command(*start, input=pool)
    assert done.exit_code == 0, done.stderr
    assert "6 of 30 pages wait for judges" in done.stdout
    assert "Row 31 is an address, and nothing is fetched here" in done.stderr
    shown = command("audit", "show", "--challenge", "spam")
    assert "0 of 6 judged, judging" in shown.stdout
    assert "errors not known yet" in shown.stdout
    told = json.loads(command("audit", "show", "--challenge", "spam", "--json").stdout)
    assert (told["pool"], told["wanted"], told["data"]) == (30, 6, "standard input")
