"""A modeler brings people to a challenge from its console: work on a platform, and invites. The application is the real one."""

from __future__ import annotations

import json
import re

import pytest
from flask.testing import FlaskClient

from btm.services.roles import grant_role
from btm.services.sessions import start_session

from ..platforms.stages import Stage
from ..support.databases import rows, value
from ..support.game import Game
from .test_arrivals import made

__all__ = ["made"]
PEOPLE = "/console/c/spam/people"
TERMS = {
    "platform": "mturk", "kind": "judge", "title": "Judge pages", "description": "Say what five pages are.", "pieces": "5",
    "places": "18", "reward": "50", "minutes": "30", "days": "3",
}  # fmt: skip
DEMANDS = {"min_approval": "95", "min_approved": "100", "countries": "us, GB"}


def browser_of(game: Game, handle: str) -> FlaskClient:
    """Somebody who is logged in."""
    start_session(game.player(handle), new_token=f"token of {handle}", device="A browser", now=game.clock())
    client = game.app.test_client()
    with client.session_transaction() as session:
        session["t"] = f"token of {handle}"
    return client


@pytest.fixture
def modeler(made: tuple[Game, Stage], monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    game, _ = made
    game.database.wipe()
    game.challenge()
    game.bell.work["work"] = lambda row_id: None
    monkeypatch.setitem(game.app.config, "WTF_CSRF_ENABLED", False)
    client = browser_of(game, "marta")
    grant_role("marta", "modeler", slug="spam", now=game.clock())
    return client


def public(game: Game, monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    settings = game.app.extensions["btm_settings"]
    monkeypatch.setitem(
        game.app.extensions, "btm_settings", replace(settings, public_url="https://btm.example")
    )


def test_what_it_costs_is_said_and_nothing_is_published(modeler: FlaskClient) -> None:
    page = modeler.post(PEOPLE, data=TERMS | DEMANDS | {"look": "1"}).text
    assert "Nothing was published" in page
    assert "Rewards $9.00" in page
    assert 'value="us, GB"' in page
    assert value("SELECT count(*) FROM work") == 0


def test_work_is_published_with_all_that_is_asked_of_people(
    made: tuple[Game, Stage], modeler: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    public(made[0], monkeypatch)
    answer = modeler.post(PEOPLE, data=TERMS | DEMANDS | {"needs_test": "on"})
    assert answer.status_code == 303, answer.text
    [(kept,)] = rows("SELECT requirements FROM work")
    wanted = json.loads(str(kept))
    assert wanted == {"min_approval": 95, "min_approved": 100, "countries": ["US", "GB"], "needs_test": True}
    page = modeler.get(answer.headers["Location"])
    assert "Nobody took it yet." in page.text
    assert modeler.post(f"{answer.headers['Location']}/close").status_code == 303


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"pieces": ""}, "pieces"), ({"title": " "}, "title"), ({"countries": "USA"}, "countries"),
        ({"min_approval": "101"}, "min_approval"), ({"min_approved": "many"}, "min_approved"), ({"places": "1001"}, "places"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_said_at_its_field_and_nothing_typed_is_lost(
    modeler: FlaskClient, change: dict[str, str], field: str
) -> None:
    answer = modeler.post(PEOPLE, data=TERMS | DEMANDS | change)
    assert answer.status_code == 422
    assert re.search(rf'name="{field}"[^>]*aria-invalid="true"', answer.text)
    assert "Say what five pages are." in answer.text
    assert value("SELECT count(*) FROM work") == 0


def test_an_invite_is_made_let_somebody_in_and_is_taken_back(
    made: tuple[Game, Stage], modeler: FlaskClient
) -> None:
    game, _ = made
    form = {"kind": "play", "most_uses": "1", "invite_days": "14", "note": "Spring class"}
    assert modeler.post(f"{PEOPLE}/invites", data=form).status_code == 303
    [code] = re.findall(r"/i/([\w-]+)</p>", modeler.get(PEOPLE).text)
    guest, late = browser_of(game, "guest"), browser_of(game, "late")
    assert "You are invited" in guest.get(f"/i/{code}").text
    assert guest.post(f"/i/{code}").headers["Location"] == "/c/spam"
    assert guest.post(f"/i/{code}").headers["Location"] == "/c/spam"
    assert late.post(f"/i/{code}").status_code == 409
    assert "1 of 1 used" in modeler.get(PEOPLE).text
    assert modeler.post(f"{PEOPLE}/invites/{code}/revoke").status_code == 303
    assert "Take back" not in modeler.get(PEOPLE).text
    assert modeler.post(f"{PEOPLE}/invites", data=form | {"most_uses": "none"}).status_code == 422


def test_the_same_by_command_line(made: tuple[Game, Stage], modeler: FlaskClient) -> None:
    def run(*words: str) -> str:
        done = made[0].app.test_cli_runner().invoke(args=["btm", "platform", *words])
        assert done.exit_code == 0, done.stderr
        return done.stdout

    said = run(
        "publish", "spam", "--on", "mturk", "--title", "T", "--description", "D", "--reward", "50", "--places", "18", "--dry-run"
    )  # fmt: skip
    assert said.startswith("9.00 USD rewards")
    [invite] = json.loads(run("invite", "make", "spam", "--uses", "3", "--json"))
    assert invite["most_uses"] == 3
    assert invite["code"] in run("invite", "list", "spam")
    assert json.loads(run("invite", "revoke", "spam", invite["code"], "--json"))[0]["why_not"]
    assert run("status", "spam", "--json") == "[]\n"
