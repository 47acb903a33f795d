"""A challenge's money, takedowns and scans, by program."""

from __future__ import annotations

from datetime import timedelta

import pytest

from btm.store.tables import DbChallenge, DbScan
from btm.store.transaction import transaction

from .conftest import Api

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def test_conditions_replace_each_other_and_close_the_challenge_on_their_day(api: Api) -> None:
    api.game.challenge(budget=1000)
    modeler = api.modeler("spam")
    path = "/challenges/spam/budget"
    until = api.game.clock() + timedelta(hours=1)
    assert modeler.ask("PUT", f"{path}/stops", {"finds": 5}).json["stops"]["finds"] == 5
    told = modeler.ask("PUT", f"{path}/stops", {"until": until.isoformat()}).json
    assert (told["stops"]["finds"], told["stopped"], told["free"]) == (None, "", 1000)
    assert modeler.get("/challenges/spam").json["card"]["is_open"]
    api.game.clock.advance(hours=1)
    assert modeler.get(path).json["stopped"]
    assert not modeler.get("/challenges/spam").json["card"]["is_open"]
    assert [each["is_open"] for each in modeler.get("/challenges").json["items"]] == [False]
    for wrong in ({"finds": 0}, {"spent": 0.5}, {"until": "soon"}, {"until": "9999-12-31T23:59:59-12:00"}):
        answer = modeler.ask("PUT", f"{path}/stops", wrong)
        assert (answer.status_code, list(answer.json["errors"]["json"])) == (422, list(wrong))


def test_a_search_begins_once_for_a_key_and_is_ended(api: Api) -> None:
    api.game.challenge(budget=1000)
    modeler = api.modeler("spam")
    path = "/challenges/spam/reward-search"
    assert modeler.get(path).status_code == 404
    assert modeler.post(f"{path}/end").json["code"] == "not_running"
    for _ in range(2):
        begun = modeler.post(path, {"keep_pace": 0.5}, key="k")
        assert (begun.status_code, begun.json["state"], begun.json["terms"]["keep_pace"]) == (
            201,
            "running",
            0.5,
        )
    assert modeler.post(path, {}).json["code"] == "running"
    assert modeler.post(f"{path}/end").json["state"] == "stopped"
    assert [len(modeler.get(path).json["steps"]), modeler.get(path).json["state"]] == [1, "stopped"]


def test_a_page_is_taken_down_and_listed(api: Api) -> None:
    api.game.challenge()
    modeler = api.modeler("spam")
    pages = [api.game.committed() for _ in range(2)]
    path = "/challenges/spam/takedowns"
    made = [modeler.post(path, {"what": page, "reason": "private"}) for page in pages]
    assert [each.status_code for each in made] == [201, 201]
    first = modeler.get(f"{path}?limit=1").json
    second = modeler.get(f"{path}?limit=1&cursor={first['next']}").json
    assert [each["items"][0]["takedown"] for each in (second, first)] == [
        each.json["takedown"] for each in made
    ]
    assert [second["next"], first["items"][0]["name"]] == [None, pages[1]]
    assert modeler.post(path, {"what": "nothing", "reason": "private"}).status_code == 404
    assert modeler.post(path, {"what": pages[0], "reason": "dull"}).status_code == 422


def test_a_scan_says_how_common_each_cluster_is(api: Api) -> None:
    api.game.challenge()
    cluster = {
        "public_id": "c", "name": "Coupons", "share": 0.01, "low": 0.005, "high": 0.02, "suspects": 9, "checked": 4,
        "truly": 3, "sent": 4, "weight": 1.5,
    }  # fmt: skip
    with transaction() as session:
        challenge = session.query(DbChallenge).one()
        report = {"open": 9, "bad": [["empty", 1]], "clusters": [cluster], "sent": 4}
        session.add(
            DbScan(
                public_id="scan", challenge_id=challenge.id, machine_id=challenge.machine_id, source="a.warc\nb.warc",
                pages=10, report=report, created_at=api.game.clock(),
            )
        )  # fmt: skip
    modeler = api.modeler("spam")
    [scan] = modeler.get("/challenges/spam/scans").json["items"]
    assert (scan["sources"], scan["clusters"], scan["bad"]) == (
        ["a.warc", "b.warc"],
        [cluster],
        [["empty", 1]],
    )
    assert modeler.get("/challenges/spam/scans/scan").json == scan
