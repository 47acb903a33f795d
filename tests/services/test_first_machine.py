"""From a topic without a machine to one that is played against the machine that its examples taught."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable

import pytest
from flask.sessions import SecureCookieSessionInterface
from flask.testing import FlaskClient

from btm.rules.errors import Conflict, Invalid
from btm.services.export_urls import export_urls
from btm.services.kept_rows import unpack_rows
from btm.services.run_task import TaskTools, run_task
from btm.services.sessions import start_session
from btm.services.show_collecting import show_collecting
from btm.services.train_first_machine import start_first_machine, train_first_machine
from btm.store.tables import DbMachine, DbRole
from btm.store.transaction import reading, transaction
from btm.web import clock
from btm.web.limits import limiter

from ..support.collected import collected
from ..support.crowd import at_once
from ..support.databases import value
from ..support.game import Game
from ..support.labelled import sentence


@pytest.fixture
def collecting(game: Game) -> Game:
    """A challenge without a machine that wants twenty examples of each label, and has somebody who does its long work."""
    game.challenge(mode="collect", collect_goal=60, collect_least=20)
    tools = TaskTools(game.reader, game.snapshots, game.shelf, game.clock)  # type: ignore[arg-type]
    game.bell.work["task"] = lambda row_id: run_task(row_id, tools)
    return game


@pytest.fixture
def browser(collecting: Game, monkeypatch: pytest.MonkeyPatch) -> Callable[[int], FlaskClient]:
    """A browser in which somebody is signed in, at the game's time."""
    monkeypatch.setitem(collecting.app.config, "WTF_CSRF_ENABLED", False)
    monkeypatch.setitem(collecting.app.config, "RATELIMIT_ENABLED", False)
    monkeypatch.setattr(limiter, "enabled", False)
    monkeypatch.setattr(clock, "now", collecting.clock)
    monkeypatch.setitem(collecting.app.extensions, "btm_snapshots", collecting.snapshots)
    sign = SecureCookieSessionInterface().get_signing_serializer(collecting.app)
    assert sign is not None

    def enter(account_id: int) -> FlaskClient:
        token = f"token of {account_id}"
        start_session(account_id, new_token=token, device="A browser", now=collecting.clock())
        client = collecting.app.test_client()
        client.set_cookie("btm", sign.dumps({"t": token, "_permanent": True}))
        return client

    return enter


def modeler(game: Game) -> int:
    account_id = game.player()
    with transaction() as session:
        session.add(DbRole(account_id=account_id, role="modeler", scope="spam", granted_at=game.clock()))
    return account_id


def bring(game: Game, client: FlaskClient, label: str, number: int) -> str:
    """Hand a page in and take its quote, by the web. Returns the submission's public id."""
    address = game.page(text=sentence(label, number))
    answer = client.post("/c/spam/submissions", data={"url": address, "label": label})
    public_id = answer.headers["Location"].rpartition("/")[2]
    assert game.row(public_id).state == "quoted"
    assert client.post(f"/s/{public_id}/commit").status_code == 303
    return public_id


def test_from_nothing_to_a_quote_by_the_machine_that_players_taught(
    collecting: Game, browser: Callable[[int], FlaskClient]
) -> None:
    game, player = collecting, browser(collecting.player())
    boss = browser(modeler(game))
    assert "Still missing" in boss.get("/console/c/spam/examples").text
    for number, label in enumerate(("spam", "ham")):
        game.judged(bring(game, player, label, 500 + number), label, label)
        collected(game, label, 18)
    assert boss.post("/console/c/spam/examples/train", data={"name": "taught"}).status_code == 409
    for number, label in enumerate(("spam", "ham")):
        game.judged(bring(game, player, label, 600 + number), label, label)
    assert "Train it and let it play" in boss.get("/console/c/spam/examples").text
    answer = boss.post("/console/c/spam/examples/train", data={"name": "taught"})
    assert answer.status_code == 303
    assert "taught" in boss.get(answer.headers["Location"]).text
    assert "played against taught" in boss.get("/console/c/spam/examples").text
    found = player.post("/c/spam/submissions", data={"url": game.page(text=sentence("ham", 900))})
    public_id = found.headers["Location"].rpartition("/")[2]
    view = game.view(public_id)
    assert view.quote is not None
    assert view.quote.belief is not None
    by = "SELECT m.name FROM quote q JOIN machine m ON m.id = q.machine_id"
    assert value(by) == "taught"
    assert "Ask the machine" in player.get("/c/spam").text
    game.check_books()
    with reading() as session:
        base = session.query(DbMachine).filter_by(name="taught").one().location["data"]["base"]
    rows = unpack_rows(game.snapshots.get(base["key"]))
    assert sorted({row.label for row in rows}) == ["ham", "spam"]
    assert len(rows) == 40


def test_too_few_examples_are_named_and_nothing_changes(collecting: Game) -> None:
    collected(collecting, "spam", 20)
    collected(collecting, "ham", 17)
    with pytest.raises(Conflict, match="3") as refused:
        start_first_machine("spam", asker_id=modeler(collecting), now=collecting.clock(), new_id="t")
    assert refused.value.code == "too_few"
    view = show_collecting("spam", asker_id=None)
    assert (view.mode, [(each.label, each.count) for each in view.missing]) == ("collect", [("ham", 3)])
    assert value("SELECT count(*) FROM task") == 0


def test_it_is_trained_once_however_often_it_is_asked_for(collecting: Game) -> None:
    game, boss = collecting, modeler(collecting)
    for label in ("spam", "ham"):
        collected(game, label, 20)
    game.bell.hold()
    asked = at_once(game.app, [
        lambda name=name: start_first_machine("spam", asker_id=boss, now=game.clock(), new_id=name)  # type: ignore[misc]
        for name in ("one", "two", "three", "four", "five", "six")
    ])  # fmt: skip
    assert set(asked) == {value("SELECT public_id FROM task")}
    assert value("SELECT count(*) FROM task") == 1
    assert show_collecting("spam", asker_id=boss).task == asked[0]
    game.bell.let_go()
    assert value("SELECT state FROM task") == "done"
    assert show_collecting("spam", asker_id=boss).mode == "beat"
    with pytest.raises(Conflict, match="has its machine already"):
        train_first_machine("spam", asker_id=None, snapshots=game.snapshots, now=game.clock())
    assert value("SELECT count(*) FROM act WHERE verb = 'train_first_machine'") == 1


def listed(game: Game, format: str, which: str = "all") -> str:
    chunks = export_urls("spam", format, which=which, asker_id=None, now=game.clock())
    return b"".join(chunks).decode()


def test_the_lists_hold_every_address_or_those_with_a_verdict(collecting: Game) -> None:
    waits = collecting.committed(url=collecting.page("https://waits.example/=1"), label="ham")
    collecting.settled_example("spam", collecting.page("https://done.example/"))
    assert listed(collecting, "txt") == "https://waits.example/=1\nhttps://done.example/\n"
    assert listed(collecting, "txt", "checked") == "https://done.example/\n"
    [row] = json.loads(listed(collecting, "json", "checked"))
    assert (row["url"], row["claimed"], row["state"], row["verified_label"]) == (
        "https://done.example/", "spam", "confirmed", "spam",
    )  # fmt: skip
    assert row["judgements"] == {"spam": 2}
    first, second = csv.DictReader(io.StringIO(listed(collecting, "csv")))
    assert (first["id"], first["state"], first["verified_label"]) == (waits, "in_review", "")
    assert second["host"] == "done.example"
    assert [json.loads(line)["url"] for line in listed(collecting, "jsonl").splitlines()] == [
        "https://waits.example/=1", "https://done.example/",
    ]  # fmt: skip


def test_a_list_without_anything_is_still_a_list(collecting: Game) -> None:
    assert json.loads(listed(collecting, "json")) == []
    assert listed(collecting, "csv").startswith("id,url,")
    with pytest.raises(Invalid):
        listed(collecting, "xls")
    with pytest.raises(Invalid):
        listed(collecting, "csv", "some")
