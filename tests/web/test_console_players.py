"""The console's page of players whose pages look like their own, on the real services."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from btm.services.roles import grant_role
from btm.services.sessions import start_session
from btm.web import clock

from ..support.game import Game


@pytest.fixture
def modeler(game: Game, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    """A modeler's browser, at the game's own time."""
    if game.database.kind == "postgres":
        pytest.skip("pages do not depend on the database")
    monkeypatch.setattr(clock, "now", game.clock)
    account_id = game.player("mo")
    grant_role("mo", "modeler", now=game.clock())
    start_session(account_id, new_token="token of mo", device="A browser", now=game.clock())
    client = game.app.test_client()
    with client.session_transaction() as session:
        session["t"] = "token of mo"
    return client


def text(client: FlaskClient, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, answer.text
    return str(answer.text)


def test_players_whose_pages_look_like_their_own_are_listed(game: Game, modeler: FlaskClient) -> None:
    game.challenge()
    assert "Nobody handed in enough pages yet" in text(modeler, "/console/c/spam/players")
    maker = game.player("maker")
    for number in range(4):
        game.quoted(maker, game.page(f"https://made{number}.example/page"))
    page = text(modeler, "/console/c/spam/players")
    assert "maker" in page
    assert "nobody else handed in" in page
    assert "How old these sites are is not known" in page
    assert "Players whose pages look like their own" in text(modeler, "/console/c/spam/judges")
