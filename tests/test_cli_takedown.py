from __future__ import annotations

import json

from .support.databases import value
from .support.game import Game


def test_a_page_is_taken_down_and_listed_from_the_command_line(game: Game) -> None:
    game.challenge()
    public_id = game.committed(url=game.page("https://gone.example/page"))
    run = game.app.test_cli_runner().invoke
    asked = [
        "btm",
        "takedown",
        "add",
        "https://gone.example/page",
        "--challenge",
        "spam",
        "--reason",
        "rights",
    ]
    done = json.loads(run(args=[*asked, "--json"]).stdout)
    assert value("SELECT actor_id FROM act WHERE verb = 'take_down'") is None
    assert f"{public_id}: rights" in run(args=["btm", "takedown", "list", "--challenge", "spam"]).stdout
    listed = json.loads(run(args=["btm", "takedown", "list", "--challenge", "spam", "--json"]).stdout)
    assert [(each["name"], each["takedown"]) for each in listed] == [(public_id, done["takedown"])]
    refused = run(args=["btm", "takedown", "add", "nothing", "--challenge", "spam", "--reason", "rights"])
    assert (refused.exit_code, "no page with this id" in refused.stderr) == (1, True)
