from __future__ import annotations

import importlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from btm.platforms.local import LocalPlatform

from .support.game import Game
from .support.paying import carry_out, earn


@pytest.fixture
def command(game: Game, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Runs `btm ...` at the game's own time, in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    for module in ("budget", "payout"):  # the packages' names stand for the groups
        monkeypatch.setattr(importlib.import_module(f"btm.cli.{module}"), "_now", game.clock)
    runner = game.app.test_cli_runner()

    def run(*arguments: str) -> Result:
        return runner.invoke(args=["btm", *arguments])

    return run


def test_a_budget_is_shown_funded_foreseen_and_stopped(game: Game, command: Any) -> None:
    game.challenge(budget=1000)
    assert "1,000 free (0.20 USD)" in command("budget", "show", "spam").stdout
    for _ in range(2):
        assert (
            json.loads(command("budget", "fund", "spam", "500", "--key", "k", "--json").stdout)["free"]
            == 1500
        )
    refused = command("budget", "fund", "spam", "--", "-2000")
    assert (refused.exit_code, "Only 1,500 points are free" in refused.stderr) == (1, True)
    assert "Too few whole days" in command("budget", "forecast", "spam").stdout
    assert json.loads(command("budget", "forecast", "spam", "--json").stdout)["forecast"] is None
    stopped = command("budget", "stop", "spam", "--until", "2026-01-01", "--finds", "9")
    assert "It takes no new pages" in stopped.stdout
    assert json.loads(command("budget", "show", "spam", "--json").stdout)["stops"]["finds"] == 9
    assert command("budget", "show", "nowhere").exit_code == 1


def test_a_search_is_begun_shown_and_ended(game: Game, command: Any) -> None:
    game.challenge(budget=1000, max_bonus=800)
    assert command("budget", "search", "show", "spam").stdout == "No search yet.\n"
    assert command("budget", "search", "start", "spam", "--keep-pace", "7").exit_code == 1
    begun = command("budget", "search", "start", "spam", "--keep-pace", "0.5").stdout
    assert "800 points: 0 pages in 0.0 hours, 0 of 0 finds, under way" in begun
    assert "A search is under way" in command("budget", "search", "start", "spam").stderr
    assert "It was ended by hand. It ended at" in command("budget", "search", "end", "spam").stdout
    found = json.loads(command("budget", "search", "show", "spam", "--json").stdout)
    assert (found["state"], found["terms"]["keep_pace"], len(found["steps"])) == ("stopped", 0.5, 1)


def test_a_batch_goes_from_points_to_a_reconciled_file(game: Game, command: Any) -> None:
    hunt = game.challenge()
    fame = game.challenge("fame", points_per_usd=0)
    for name in ("ada", "bea"):
        earn(game, game.player(name), 5000, hunt)
    earn(game, game.player("fay"), 5000, fame)
    preview = json.loads(command("payout", "freeze", "--dry-run", "--json").stdout)
    assert [each["handle"] for each in preview["payees"]] == ["ada", "bea"]
    batch = json.loads(command("payout", "freeze", "--json").stdout)["public_id"]
    assert "approved: 2 payments, 2.00 USD" in command("payout", "approve", batch).stdout
    assert "paying, under way" in command("payout", "pay", batch).stdout
    carry_out(game, batch, LocalPlatform())
    file = command("payout", "csv", batch).stdout
    assert file.splitlines()[0] == "name,reference,amount,currency"
    Path("bank.csv").write_text(file.replace("1.00", "1.50", 1))
    differs = command("payout", "reconcile", batch, "bank.csv")
    assert (differs.exit_code, "100 cents, theirs 150 cents" in differs.stdout) == (1, True)
    Path("bank.csv").write_text(file)
    assert command("payout", "reconcile", batch, "bank.csv").exit_code == 0
    assert "reconciled" in command("payout", "show").stdout
    assert len(json.loads(command("payout", "show", batch, "--json").stdout)["payouts"]) == 2
    assert command("payout", "cancel", batch).exit_code == 1
    told = command("acts", "--subject", f"payout:{batch}").stdout
    assert [word in told for word in ("open_payout", "freeze_payout", "approve_payout", "pay_payout")] == [
        True
    ] * 4
    assert json.loads(command("acts", "--most", "1", "--json").stdout)["next"] is not None


def test_what_waits_is_listed_and_released(game: Game, command: Any) -> None:
    game.challenge()
    assert "0 finds" in command("payout", "held", "spam").stderr
    public_id = game.settled("spam", game.player("ada"))
    assert f"held: {public_id} ada" in command("payout", "freeze", "--dry-run").stdout
    assert "not looked at again yet" in command("payout", "held", "spam").stdout
    assert json.loads(command("payout", "held", "spam", "--json").stdout)["held"][0]["why"] == "unseen"
    refused = command("payout", "release", "spam", public_id, "--desk")
    assert (refused.exit_code, "can be taken to the desk" in refused.stderr) == (1, True)
    assert "They go into the next batch" in command("payout", "release", "spam", public_id).stdout
    assert command("payout", "release", "spam", public_id).exit_code == 1
    assert json.loads(command("payout", "freeze", "--json", "--least", "1").stdout)["held_pages"] == 0


def test_where_four_eyes_are_wanted_the_command_line_is_two_of_them(
    game: Game, command: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = replace(game.app.extensions["btm_settings"], payout_four_eyes=True)
    monkeypatch.setitem(game.app.extensions, "btm_settings", settings)
    earn(game, game.player("ada"), 5000, game.challenge())
    batch = json.loads(command("payout", "freeze", "--json").stdout)["public_id"]
    refused = command("payout", "approve", batch)
    assert (refused.exit_code, "Somebody else has to approve this batch" in refused.stderr) == (1, True)
    assert "frozen" in command("payout", "show", batch).stdout


@pytest.mark.parametrize(
    "words",
    [("budget", "fund"), ("payout", "freeze"), ("payout", "reconcile"), ("payout", "release"), ("acts",)],
)
def test_help_has_an_example(command: Any, words: tuple[str, ...]) -> None:
    assert "flask --app app btm" in command(*words, "--help").stdout
