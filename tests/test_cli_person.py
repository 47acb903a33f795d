"""`flask --app app btm person ...`"""

from __future__ import annotations

import json

from click.testing import Result

from .support.databases import rows
from .support.game import Game
from .support.paying import approved, earn


def run(game: Game, *arguments: str, **more: str) -> Result:
    return game.app.test_cli_runner().invoke(args=["btm", "person", *arguments], **more)


def test_somebody_is_shown_exported_and_erased(game: Game) -> None:
    ada = game.player("ada")
    earn(game, ada, 1500, game.challenge())
    assert "1,500 points are not paid out" in run(game, "show", "ada").stdout
    assert json.loads(run(game, "show", "ada", "--json").stdout)["points_lost"] == 1500
    assert json.loads(run(game, "export", "ada").stdout)["points"][0]["points"] == 1500
    asked = run(game, "erase", "ada", input="n\n")
    assert asked.exit_code == 1
    assert "1,500 points that are unpaid or promised are lost" in asked.stderr
    kept_as = json.loads(run(game, "erase", "ada", "--yes", "--json").stdout)["kept_as"]
    assert rows("SELECT handle FROM account WHERE id = " + str(ada)) == [(kept_as,)]
    gone = run(game, "show", "ada")
    assert (gone.exit_code, gone.stderr.strip()) == (1, "There is no account named 'ada'.")


def test_why_somebody_is_not_erased_is_said(game: Game) -> None:
    earn(game, game.player("ada"), 5000, game.challenge())
    batch = approved(game)
    done = run(game, "erase", "ada", "--yes")
    assert done.exit_code == 1
    assert batch.public_id in done.stderr
