"""Readiness, figures and the status page, on the whole product."""

from __future__ import annotations

import logging
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from btm.config import read_settings
from btm.pages.snapshot import FolderSnapshots
from btm.services import roles
from btm.services.say_alive import say_alive
from btm.services.sessions import start_session
from btm.store.database import db

from ..support.game import Game

METRIC = re.compile(r"^(btm_\w+)(?:\{[^}]*\})? [-+.\de]+(?:Inf|NaN)?$")


@pytest.fixture
def client(game: Game) -> FlaskClient:
    game.app.extensions.pop("btm_health", None)
    return game.app.test_client()


def alive() -> None:
    now = datetime.now(UTC)
    say_alive("here:1", started_at=now, now=now)


def configured(game: Game, monkeypatch: pytest.MonkeyPatch, **settings: Any) -> None:
    from dataclasses import replace

    monkeypatch.setitem(
        game.app.extensions, "btm_settings", replace(game.app.extensions["btm_settings"], **settings)
    )


def test_an_instance_whose_parts_all_work_is_ready(client: FlaskClient) -> None:
    alive()
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json["ready"], answer.json["wrong"]) == (200, True, [])


def test_an_instance_without_a_worker_is_not_ready_and_says_so(client: FlaskClient) -> None:
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json["wrong"]) == (503, ["worker"])


def test_an_instance_whose_snapshots_cannot_be_written_is_not_ready(
    client: FlaskClient, game: Game, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    alive()
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setitem(game.app.extensions, "btm_snapshots", FolderSnapshots(tmp_path / "file"))
    assert client.get("/readyz").json["wrong"] == ["snapshots"]


def test_an_instance_behind_its_migrations_is_not_ready_and_has_no_figures(
    client: FlaskClient, game: Game, monkeypatch: pytest.MonkeyPatch
) -> None:
    configured(game, monkeypatch, metrics_networks="127.0.0.0/8")
    with db.engine.begin() as connection:
        [head] = connection.execute(text("SELECT version_num FROM alembic_version")).scalars()
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    try:
        answer = client.get("/readyz")
        metrics = client.get("/metrics").text
    finally:
        with db.engine.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = :head"), {"head": head})
    assert (answer.status_code, answer.json["wrong"]) == (503, ["schema"])
    assert 'btm_part_up{part="schema"} 0.0' in metrics
    assert "btm_points" not in metrics


@pytest.mark.parametrize(
    ("settings", "header", "status"),
    [
        ({}, "", 404),
        ({"metrics_token": "a token of some length"}, "", 404),
        ({"metrics_token": "a token of some length"}, "Bearer another token of a length", 404),
        ({"metrics_token": "a token of some length"}, "Bearer a token of some length", 200),
        ({"metrics_networks": "10.0.0.0/8"}, "", 404),
        ({"metrics_networks": "127.0.0.0/8"}, "", 200),
    ],
)
def test_figures_are_for_those_whom_a_setting_names(
    client: FlaskClient,
    game: Game,
    monkeypatch: pytest.MonkeyPatch,
    settings: dict[str, str],
    header: str,
    status: int,
) -> None:
    configured(game, monkeypatch, **settings)
    assert client.get("/metrics", headers={"Authorization": header} if header else {}).status_code == status


def test_the_figures_are_those_of_the_game(
    client: FlaskClient, game: Game, monkeypatch: pytest.MonkeyPatch
) -> None:
    configured(game, monkeypatch, metrics_networks="127.0.0.0/8")
    alive()
    game.challenge()
    game.settled("spam")
    game.committed(game.player())
    said = client.get("/metrics").text
    for line in said.splitlines():
        assert line.startswith("#") or METRIC.match(line), line
    assert 'btm_submissions{state="in_review"} 1.0' in said
    assert "btm_review_open 1.0" in said
    assert "btm_workers 1.0" in said
    assert 'btm_recent_fetches{outcome="fetched"} 2.0' in said
    reserved = db.session.execute(text("SELECT sum(escrow) FROM ledger")).scalar()
    assert f'btm_points{{where="reserved"}} {float(reserved)}' in said
    earned = db.session.execute(text("SELECT sum(worker) FROM ledger")).scalar()
    assert earned > 0
    assert f'btm_points{{where="earned"}} {float(earned)}' in said
    assert 'btm_verdict_seconds{quantile="0.5"}' in said
    assert "btm_judge_accuracy" in said
    assert "btm_http_request_seconds_bucket" in client.get("/metrics").text


def test_a_request_s_id_goes_back_and_stands_in_the_log(
    client: FlaskClient, game: Game, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "btm"):
        answer = client.get("/about?secret=1", headers={"X-Request-Id": "proxy-said-this"})
    assert answer.headers["X-Request-Id"] == "proxy-said-this"
    assert "GET /about" in caplog.text
    assert "secret" not in caplog.text
    given = client.get("/about", headers={"X-Request-Id": "bad id\twith spaces"}).headers["X-Request-Id"]
    assert re.fullmatch(r"[0-9a-f]{16}", given)


@pytest.mark.parametrize("is_played", [False, True])
def test_the_status_page_shows_an_admin_what_there_is(
    client: FlaskClient, game: Game, is_played: bool
) -> None:
    if is_played:
        alive()
        game.challenge()
        game.settled("spam")
    admin = game.player("the admin")
    roles.grant_role("the admin", "admin", slug="", now=game.clock())
    start_session(admin, new_token="a token", device="A browser", now=datetime.now(UTC))
    with client.session_transaction() as session:
        session["t"] = "a token"
    page = client.get("/console/status")
    assert page.status_code == 200
    assert ("Everything works." if is_played else "Something needs you: worker.") in page.text
    assert ("here:1" if is_played else "No worker was seen") in page.text


def test_where_to_report_a_hole_is_told_once_the_operator_says_it(
    game: Game, client: FlaskClient, monkeypatch: Any
) -> None:
    assert client.get("/.well-known/security.txt").status_code == 404
    told = read_settings({**game.database.environ, "BTM_REPORT_CONTACT": "holes@btm.example"})
    monkeypatch.setitem(game.app.extensions, "btm_settings", told)
    answered = client.get("/.well-known/security.txt")
    assert (answered.status_code, answered.mimetype) == (200, "text/plain")
    assert "Contact: mailto:holes@btm.example\n" in answered.text
    assert re.search(r"^Expires: 20\d\d-\d\d-\d\dT00:00:00Z$", answered.text, re.M)
