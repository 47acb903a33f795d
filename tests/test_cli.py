from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import Result

from btm.services.log_in import log_in

from .support.game import Game

ROOT = Path(__file__).resolve().parent.parent


def run(game: Game, *arguments: str) -> Result:
    return game.app.test_cli_runner().invoke(args=["btm", *arguments])


def test_a_corpus_goes_to_standard_output(game: Game) -> None:
    game.challenge()
    public_id = game.settled("spam", url=game.page(text="Größe und “Zitat” und = alles."))
    lines = run(game, "export", "corpus", "--challenge", "spam", "--format", "jsonl")
    assert lines.exit_code == 0, lines.output
    [row] = [json.loads(line) for line in lines.stdout.splitlines()]
    assert (row["id"], row["text"]) == (public_id, "Größe und “Zitat” und = alles.")
    table = run(game, "export", "corpus", "--challenge", "spam", "--format", "csv")
    assert table.stdout.startswith("id,url,")
    assert public_id in table.stdout


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("export", "corpus", "--challenge", "nowhere"), "There is no such challenge. It may have been renamed or taken down."),
        (("account", "grant", "nobody", "admin"), "There is no account named 'nobody'."),
        (("account", "qualify", "nobody", "spam"), "There is no account named 'nobody'."),
        (("account", "reset-password", "nobody"), "There is no account named 'nobody'."),
    ],
)  # fmt: skip
def test_an_error_is_a_sentence_and_exit_code_one(
    game: Game, arguments: tuple[str, ...], sentence: str
) -> None:
    game.challenge()
    done = run(game, *arguments)
    assert (done.exit_code, done.stderr.strip(), done.stdout) == (1, sentence, "")


def test_roles_qualifications_and_passwords_are_given(game: Game) -> None:
    game.challenge()
    game.player("ada")
    assert (
        run(game, "account", "grant", "ada", "modeler", "--challenge", "spam").output
        == "ada is modeler now of spam\n"
    )
    assert run(game, "account", "qualify", "ada", "spam").output == "ada may judge spam now\n"
    said = run(game, "account", "reset-password", "ada").output
    password = said.rpartition(" is ")[2].strip()
    log_in("ada", password, visitor_id=None, new_token="t", device="", now=game.clock())


def test_seeding_says_what_it_added(game: Game) -> None:
    assert "challenges added: alcohol" in run(game, "seed").output
    assert run(game, "seed").output == "0 challenges added\n"


def test_the_sweep_can_be_rung_by_hand(game: Game) -> None:
    assert run(game, "sweep").exit_code == 0


def test_the_readme_s_command_works_in_a_process_of_its_own(game: Game) -> None:
    game.challenge()
    public_id = game.settled("spam")
    done = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "app", "btm", "export", "corpus", "--challenge", "spam", "--format", "jsonl"],
        cwd=ROOT, env=game.database.environ, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert [json.loads(line)["id"] for line in done.stdout.splitlines()] == [public_id]
