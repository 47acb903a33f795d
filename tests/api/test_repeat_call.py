"""A write happens once for its key, whoever is killed when."""

from __future__ import annotations

import pytest

from btm.services import submit_page
from btm.services.repeat_call import Begun, begin_call, carrying_out

from ..support.databases import value
from ..support.game import Game
from .conftest import Api

SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def count() -> object:
    return value("SELECT count(*) FROM submission")


@SQLITE
def test_the_same_request_again_is_answered_as_the_first_time_and_done_once(api: Api) -> None:
    api.game.challenge()
    asker, sent = api.asker(api.game.player()), {"url": api.game.page()}
    first = asker.post("/challenges/spam/submissions", sent, key="k1")
    again = asker.post("/challenges/spam/submissions", sent, key="k1")
    assert (again.status_code, again.data) == (first.status_code, first.data)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.content_type == first.content_type
    assert count() == 1


@SQLITE
def test_a_key_stands_for_one_request_of_one_person(api: Api) -> None:
    api.game.challenge()
    one, two = api.asker(api.game.player()), api.asker(api.game.player())
    path = "/challenges/spam/submissions"
    assert one.post(path, {"url": api.game.page()}, key="k1").status_code == 201
    other = one.post(path, {"url": api.game.page()}, key="k1")
    assert (other.status_code, other.json["code"]) == (422, "key_reused")
    assert two.post(path, {"url": api.game.page()}, key="k1").status_code == 201


@SQLITE
@pytest.mark.parametrize(("key", "status"), [(None, 400), ("no blanks", 422), ("x" * 101, 422)])
def test_a_write_without_a_usable_key_is_not_begun(api: Api, key: str | None, status: int) -> None:
    api.game.challenge()
    token = api.asker(api.game.player()).token
    headers = {"Authorization": f"Bearer {token}", **({"Idempotency-Key": key} if key else {})}
    path = "/api/v1/challenges/spam/submissions"
    assert api.client.post(path, json={"url": "https://a.example/"}, headers=headers).status_code == status
    assert count() == 0


@SQLITE
def test_the_key_of_a_refused_request_may_be_used_for_a_better_one(api: Api) -> None:
    api.game.challenge()
    asker = api.asker(api.game.player())
    path = "/challenges/spam/submissions"
    assert asker.post(path, {"url": "no address"}, key="k1").status_code == 422
    assert asker.post(path, {"adress": "mistyped"}, key="k1").status_code == 422
    assert asker.post(path, {"url": api.game.page()}, key="k1").status_code == 201


@SQLITE
def test_who_was_killed_before_anything_was_committed_is_followed_by_the_next(api: Api) -> None:
    api.game.challenge()
    asker, sent = api.asker(api.game.player()), {"url": api.game.page()}
    path = "/challenges/spam/submissions"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(submit_page, "submit_page", killed)
        with pytest.raises(KeyboardInterrupt):
            asker.post(path, sent, key="k1")
    assert asker.post(path, sent, key="k1").json["code"] == "in_progress"
    api.game.clock.advance(minutes=2)
    assert asker.post(path, sent, key="k1").status_code == 201
    assert count() == 1


@SQLITE
def test_who_was_killed_after_it_was_committed_is_not_followed(api: Api) -> None:
    api.game.challenge()
    asker, sent = api.asker(api.game.player()), {"url": api.game.page()}
    path, real = "/challenges/spam/submissions", submit_page.submit_page

    def killed_after(*args: object, **named: object) -> str:
        real(*args, **named)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(submit_page, "submit_page", killed_after)
        with pytest.raises(KeyboardInterrupt):
            asker.post(path, sent, key="k1")
    api.game.clock.advance(minutes=2)
    assert asker.post(path, sent, key="k1").json["code"] == "outcome_unknown"
    assert count() == 1


def test_one_who_was_given_up_for_dead_commits_nothing(game: Game) -> None:
    game.challenge()
    player = game.player()
    late = begin_call(player, "k1", "print", now=game.clock())
    game.clock.advance(minutes=2)
    after = begin_call(player, "k1", "print", now=game.clock())
    assert isinstance(late, Begun)
    assert isinstance(after, Begun)
    with carrying_out(after):
        game.submitted(player)
    with pytest.raises(Exception, match="still at work"), carrying_out(late):
        game.submitted(player)
    assert count() == 1


def killed(*_: object, **__: object) -> str:
    raise KeyboardInterrupt
