"""Writing a challenge, and running it, by program."""

from __future__ import annotations

from dataclasses import replace

import pytest

from btm.rules.read_design import read_design

from .conftest import Api

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def test_a_draft_is_made_changed_and_carried_as_a_file(api: Api) -> None:
    modeler = api.modeler()
    starter = modeler.get("/starters").json["items"][0]["name"]
    made = modeler.post("/challenges", {"starter": starter, "design": {"slug": "vapes", "title": "Vapes"}})
    assert (made.status_code, made.json["slug"], made.json["state"]) == (201, "vapes", "draft")
    assert not made.json["is_ready"]
    assert any(each["is_must"] for each in made.json["missing"])
    read_design(made.json["design"])
    text = modeler.get("/challenges/vapes/design.yaml").text
    again = modeler.post("/challenge-files", {"yaml": text, "slug": "vapes-2"})
    assert again.status_code == 201
    assert again.json["design"]["title"] == "Vapes"
    assert {row["slug"] for row in modeler.get("/authored").json["items"]} == {"vapes", "vapes-2"}


def test_nobody_writes_over_what_they_have_not_read(api: Api) -> None:
    modeler = api.modeler()
    modeler.post("/challenges", {"design": {"slug": "vapes", "title": "Vapes"}})
    tag = modeler.get("/challenges/vapes/draft").headers["ETag"]
    path = "/challenges/vapes/draft"
    first = modeler.ask("PATCH", path, {"changes": {"title": "Vapes!"}}, If_Match=tag)
    assert first.status_code == 200
    late = modeler.ask("PATCH", path, {"changes": {"title": "Vapes?"}}, If_Match=tag)
    assert (late.status_code, late.json["code"]) == (412, "edited_meanwhile")
    newer = modeler.ask("PATCH", path, {"changes": {"title": "Vapes?"}}, If_Match=first.headers["ETag"])
    assert newer.json["design"]["title"] == "Vapes?"


def test_a_budget_is_funded_once_for_a_key(api: Api) -> None:
    api.game.challenge(budget=0)
    modeler = api.modeler("spam")
    for _ in range(2):
        assert modeler.post("/challenges/spam/budget", {"points": 500}, key="k1").json["funded"] == 500
    assert modeler.post("/challenges/spam/budget", {"points": 500}, key="k2").json["funded"] == 1000


def test_an_endless_body_is_turned_away(api: Api) -> None:
    api.game.challenge()
    modeler = api.modeler("spam")
    answer = modeler.ask("PATCH", "/challenges/spam/draft", {"changes": {"title": "x" * 1_100_000}})
    assert (answer.status_code, answer.json["code"]) == (413, "too_large")
    rows = [{"text": "x" * 20_000, "label": "spam"}] * 100
    assert modeler.post("/challenges/spam/machines", {"name": "m", "rows": rows}).status_code in (202, 422)


def test_a_corpus_is_taken_away_as_a_file(api: Api) -> None:
    api.game.challenge()
    api.game.settled()
    modeler = api.modeler("spam")
    lines = modeler.get("/challenges/spam/corpus.jsonl").text.splitlines()
    assert len(lines) == 1
    assert modeler.get("/challenges/spam/corpus.jsonl?state=nonsense").status_code == 422
    assert modeler.get("/challenges/spam/corpus.exe").status_code == 404


def test_a_batch_of_payments_goes_its_way(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    game = api.game
    game.challenge()
    game.settled()
    admin = api.modeler(role="admin")
    game.clock.advance(days=1)
    for far in ("0001-01-01T00:00:00+12:00", "9999-12-31T23:59:59-12:00"):
        refused = admin.post("/payouts", {"cutoff": far})
        assert (refused.status_code, refused.json["field"]) == (422, "cutoff")
    made = admin.post("/payouts", {"least_cents": 1}).json
    path = f"/payouts/{made['public_id']}"
    frozen = admin.post(f"{path}/move", {"to": "freeze"})
    assert frozen.status_code == 200, frozen.json
    assert frozen.json["number"] > 0
    assert admin.post(f"{path}/move", {"to": "pay"}).json["code"] == "wrong_state"
    with monkeypatch.context() as patch:
        settings = replace(game.app.extensions["btm_settings"], payout_four_eyes=True)
        patch.setitem(game.app.extensions, "btm_settings", settings)
        refused = admin.post(f"{path}/move", {"to": "approve"})
        assert (refused.status_code, refused.json["code"]) == (403, "four_eyes")
    admin.post(f"{path}/move", {"to": "approve"})
    assert admin.get(f"{path}/bank.csv").text.startswith("name,")
    assert [row["state"] for row in admin.get("/payouts").json["items"]] == ["approved"]


def test_what_waits_is_listed_and_released(api: Api) -> None:
    game = api.game
    game.challenge()
    public_id = game.settled("spam", game.player("ada"))
    modeler = api.modeler("spam")
    [held] = modeler.get("/challenges/spam/held").json["held"]
    assert (held["submission"], held["handle"], held["why"]) == (public_id, "ada", "unseen")
    path = f"/challenges/spam/held/{public_id}"
    assert modeler.post(path, {"to": "desk"}).json["code"] == "not_changed"
    assert modeler.post(path, {"to": "pay"}).json["points"] == game.balance(game.row(public_id).player_id)
    assert modeler.get("/challenges/spam/held").json["pages"] == 0
