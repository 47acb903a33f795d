"""Playing and judging by program."""

from __future__ import annotations

import pytest

from .conftest import Api

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def test_a_page_is_handed_in_quoted_committed_judged_and_paid_by_programs_alone(api: Api) -> None:
    game = api.game
    game.challenge()
    player = api.asker(game.player())
    judges = [api.asker(game.judge()) for _ in range(2)]
    made = player.post("/challenges/spam/submissions", {"url": game.page()})
    assert made.status_code == 201
    public_id = made.json["public_id"]
    assert player.get(f"/submissions/{public_id}").json["quote"]["points"] > 0
    assert player.post(f"/submissions/{public_id}/commit").json["state"] == "in_review"
    for judge in judges:
        item = judge.post("/challenges/spam/leases", {}).json["item"]
        answer = {"token": item["token"], "label": "spam", "seconds": 12}
        assert judge.post(f"/review-items/{item['public_id']}/judgements", answer).status_code == 204
    assert player.get(f"/submissions/{public_id}").json["state"] == "confirmed"
    statement = player.get("/me/statement").json
    assert statement["approved"] > 0
    assert statement["lines"][0]["submission"] == public_id
    game.check_books()


def test_a_page_that_is_given_back_goes_to_somebody_else_at_once(api: Api) -> None:
    game = api.game
    game.challenge()
    game.committed()
    first, second = api.asker(game.judge()), api.asker(game.judge())
    item = first.post("/challenges/spam/leases", {}).json["item"]
    assert second.post("/challenges/spam/leases", {}).json["item"] is None
    back = f"/review-items/{item['public_id']}/give-back"
    assert second.post(back, {"token": item["token"]}).status_code == 409
    assert first.post(back, {"token": item["token"]}).status_code == 204
    assert second.post("/challenges/spam/leases", {}).json["item"]["public_id"] == item["public_id"]


def test_lists_are_read_page_by_page_to_their_end(api: Api) -> None:
    game = api.game
    game.challenge()
    owner = game.player()
    made = [game.submitted(owner) for _ in range(5)]
    asker, seen, cursor = api.asker(owner), [], ""
    while cursor is not None:
        page = asker.get(f"/submissions?limit=2&cursor={cursor}").json
        seen += [row["public_id"] for row in page["items"]]
        cursor = page["next"]
    assert seen == made[::-1]


def test_what_is_still_the_same_is_not_sent_again(api: Api) -> None:
    game = api.game
    game.challenge()
    asker = api.asker(game.player())
    first = asker.get("/challenges/spam")
    same = asker.get("/challenges/spam", If_None_Match=first.headers["ETag"])
    assert (same.status_code, same.data) == (304, b"")
    game.settled()
    changed = asker.get("/challenges/spam", If_None_Match=first.headers["ETag"])
    assert changed.status_code == 200
    assert changed.headers["ETag"] != first.headers["ETag"]
