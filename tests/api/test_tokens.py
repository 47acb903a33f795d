"""Who may ask, with which token, how often; and what errors look like."""

from __future__ import annotations

import pytest
from limits.errors import StorageError

from btm.cli import btm
from btm.rules.errors import Conflict
from btm.rules.tokens import MOST_TOKENS
from btm.services.roles import reset_password
from btm.services.tokens import list_tokens, make_token, revoke_token

from ..support.databases import rows
from .conftest import Api

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def test_a_token_is_kept_as_a_hash_only(api: Api) -> None:
    token = api.asker(api.game.player()).token
    assert token not in str(rows("SELECT * FROM token"))


def test_a_token_is_worth_nothing_once_it_ran_out_or_was_revoked_or_the_password_was_reset(api: Api) -> None:
    owner = api.game.player("ada")
    short, long, third = (api.asker(owner, days=days) for days in (1, 30, 30))
    api.game.clock.advance(days=2)
    assert short.get("/me").status_code == 401
    assert long.get("/me").json["handle"] == "ada"
    revoke_token(api.game.player(), list_tokens(owner, now=api.game.clock())[1].id)
    assert long.get("/me").status_code == 200, "another's token cannot be revoked"
    revoke_token(owner, list_tokens(owner, now=api.game.clock())[1].id)
    assert long.get("/me").status_code == 401
    reset_password("ada", "a new long password", now=api.game.clock())
    assert third.get("/me").status_code == 401


def test_a_token_does_what_it_is_for_and_nothing_else(api: Api) -> None:
    api.game.challenge()
    reader = api.asker(api.game.player(), ["read"])
    assert reader.get("/submissions").status_code == 200
    refused = reader.post("/challenges/spam/submissions", {"url": "https://a.example/"})
    assert (refused.status_code, refused.json["code"]) == (403, "scope_missing")


def test_a_browsers_session_is_nothing_to_the_api(api: Api) -> None:
    answer = api.client.get("/api/v1/me")
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("header", ["Basic YTpi", "Bearer", "Bearer btm_made-up", "Bearer é", "btm_x", ""])
def test_a_header_that_is_no_token_is_refused_even_where_none_is_needed(api: Api, header: str) -> None:
    api.game.challenge()
    answer = api.client.get("/api/v1/challenges", headers={"Authorization": header})
    assert (answer.status_code, answer.content_type) == (401, "application/problem+json")


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/submissions/none", 404, "not_found"),
        ("/nowhere", 404, "not_found"),
        ("/submissions?limit=0", 422, "invalid"),
    ],
)
def test_every_error_is_a_problem_that_says_what_to_do(api: Api, path: str, status: int, code: str) -> None:
    answer = api.asker(api.game.player()).get(path)
    assert (answer.status_code, answer.content_type) == (status, "application/problem+json")
    assert answer.json["type"] == f"urn:btm:problem:{code}"
    assert answer.json["detail"]


def test_who_asks_too_often_is_told_to_wait(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(api.game.app.config["BTM_LIMITS"], "api", "2 per minute")
    first, second = api.asker(api.game.player()), api.asker(api.game.player())
    assert [first.get("/me").status_code for _ in range(3)] == [200, 200, 429]
    assert first.get("/me").headers["Retry-After"]
    assert second.get("/me").status_code == 200


def test_counters_that_are_away_let_everybody_pass(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> bool:
        raise StorageError(OSError("away"))

    monkeypatch.setattr(api.game.app.extensions["btm_api_limits"], "hit", fail)
    assert api.asker(api.game.player()).get("/me").status_code == 200


def test_nobody_has_tokens_without_end(api: Api) -> None:
    owner = api.game.player()
    for _ in range(MOST_TOKENS):
        api.asker(owner)
    with pytest.raises(Conflict, match="Revoke one"):
        make_token(owner, "one more", ["read"], days=1, secret="x", now=api.game.clock())


def test_tokens_are_made_listed_and_revoked_at_the_command_line(api: Api) -> None:
    api.game.player("ada")
    run = api.game.app.test_cli_runner().invoke
    made = run(btm, ["token", "make", "ada", "--scope", "read"])
    assert made.exit_code == 0, made.output
    assert made.output.startswith("btm_")
    listed = run(btm, ["token", "list", "ada"]).output
    number = listed.split()[0]
    assert "never used" in listed
    assert run(btm, ["token", "revoke", "ada", number]).exit_code == 0
    assert run(btm, ["token", "revoke", "ada", number]).exit_code == 1
    assert run(btm, ["token", "list", "ada"]).output == ""
    assert [verb for (verb,) in rows("SELECT verb FROM act ORDER BY id")] == ["make_token", "revoke_token"]
    assert made.output.strip() not in str(rows("SELECT detail FROM act"))
