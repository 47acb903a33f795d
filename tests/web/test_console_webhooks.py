"""The webhooks of a challenge in its console, on the real services: added, tried, paused, read about, removed."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from btm.services.roles import grant_role
from btm.services.send_delivery import DeliveryTools, send_delivery
from btm.services.sessions import start_session
from btm.web import clock

from ..api.test_webhooks import LOCAL, Receiver
from ..support.databases import rows, value
from ..support.game import Game

HOOKS = "/console/c/spam/webhooks"


@pytest.fixture
def receiver() -> Receiver:
    return Receiver()


@pytest.fixture
def modeler(game: Game, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    if game.database.kind == "postgres":
        pytest.skip("pages do not depend on the database")
    monkeypatch.setitem(game.app.config, "WTF_CSRF_ENABLED", False)
    monkeypatch.setitem(game.app.extensions, "btm_policy", LOCAL)
    monkeypatch.setattr(clock, "now", game.clock)
    game.bell.work["delivery"] = lambda row_id: send_delivery(row_id, DeliveryTools(LOCAL, game.clock))
    game.challenge()
    start_session(game.player("marta"), new_token="token of marta", device="A browser", now=game.clock())
    grant_role("marta", "modeler", slug="spam", now=game.clock())
    client = game.app.test_client()
    with client.session_transaction() as session:
        session["t"] = "token of marta"
    return client


def text(answer: Any, status: int = 200) -> str:
    assert answer.status_code == status, answer.text
    return str(answer.text)


def add(client: FlaskClient, url: str, *events: str) -> str:
    """Its address in the console."""
    page = text(client.post(HOOKS, data={"url": url, "events": list(events)}))
    return f"{HOOKS}/{value('SELECT public_id FROM webhook ORDER BY id DESC LIMIT 1')}" if page else ""


def test_the_secret_is_shown_once_and_nobody_is_told_before(modeler: FlaskClient, receiver: Receiver) -> None:
    assert "Nobody is told yet." in text(modeler.get(HOOKS))
    made = text(modeler.post(HOOKS, data={"url": receiver.url, "events": ["verdict"]}))
    [secret] = re.findall(r"whsec_[\w-]+", made)
    assert secret == value("SELECT secret FROM webhook")
    page = text(modeler.get(HOOKS))
    assert secret not in page
    assert "nothing was told yet" in page
    assert "by marta" in page


def test_a_test_a_verdict_and_what_fails_are_in_the_log(
    game: Game, modeler: FlaskClient, receiver: Receiver
) -> None:
    hook = add(modeler, receiver.url, "verdict")
    assert "Nothing was told yet." in text(modeler.get(hook))
    assert "A test is on its way." in text(modeler.post(f"{hook}/test", follow_redirects=True))
    page = text(modeler.get(hook))
    assert "answered 204" in page
    receiver.status = 500
    game.settled()
    [(row_id,)] = rows("SELECT id FROM delivery WHERE event = 'verdict'")
    send_delivery(int(str(row_id)), DeliveryTools(LOCAL, game.clock))
    page = text(modeler.get(hook))
    assert "answered 500" in page
    assert "next <time" in page
    receiver.status = 204
    again = re.findall(r'action="([^"]+/send-again)"', page)
    assert len(again) == 1, "what waits is sent anyway"
    assert modeler.post(again[0]).status_code == 303
    assert [headers["BTM-Event"] for headers, _ in receiver.told] == ["test", "verdict", "test"]


def test_it_is_paused_goes_on_and_is_removed(game: Game, modeler: FlaskClient, receiver: Receiver) -> None:
    hook = add(modeler, receiver.url, "verdict")
    assert "is kept for 30 days" in text(modeler.post(f"{hook}/pause", follow_redirects=True))
    game.settled()
    page = text(modeler.get(hook))
    assert "1 waits now" in page
    assert "held" in page
    assert "is paused" in text(modeler.post(f"{hook}/test"), 409)
    assert "It goes on" in text(modeler.post(f"{hook}/resume", follow_redirects=True))
    assert "Removed." in text(modeler.post(f"{hook}/remove", follow_redirects=True))
    assert "Nobody is told yet." in text(modeler.get(HOOKS))
    assert modeler.get(hook).status_code == 404


@pytest.mark.parametrize(
    ("form", "field"),
    [({"url": "ftp://a.example/", "events": ["verdict"]}, "url"), ({"url": "http://127.0.0.1:9/"}, "events")],
)
def test_what_cannot_be_is_said_at_its_field(modeler: FlaskClient, form: dict[str, Any], field: str) -> None:
    page = text(modeler.post(HOOKS, data=form), 422)
    assert f'id="hook-{field}-fault"' in page
    assert f'value="{form["url"]}"' in page


def test_a_long_log_is_turned_page_by_page(game: Game, modeler: FlaskClient) -> None:
    hook = add(modeler, "http://127.0.0.1:9/", "verdict")
    game.bell.work["delivery"] = lambda row_id: None
    for _ in range(31):
        modeler.post(f"{hook}/test")
    first = text(modeler.get(hook))
    [more] = re.findall(r'href="([^"]+cursor=\d+)"', first)
    assert text(modeler.get(more)).count("<code>test</code>") == 1
    assert modeler.get(f"{hook}?cursor=nonsense").status_code == 422


def test_a_draft_has_webhooks_too(game: Game, modeler: FlaskClient) -> None:
    game.challenge("later", state="draft")
    grant_role("marta", "modeler", now=game.clock())
    assert "Nobody is told yet." in text(modeler.get("/console/c/later/webhooks"))
