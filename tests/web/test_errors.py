"""Every error is a page that a person can use, a partial for a script, or JSON for a program."""

from __future__ import annotations

import pytest

from btm.rules import errors as e

from .fake_app import make_app


@pytest.mark.parametrize(
    "error",
    [e.NotFound("Gone."), e.Forbidden("Not yours."), e.Conflict("Too late."), e.Invalid("Not so."), e.TooMany("Slow."), e.SignInNeeded("Who?")],
)  # fmt: skip
def test_a_domain_error_becomes_its_status_and_sentence(services, client, error):
    services.answers["list_challenges"] = error
    page = client.get("/")
    assert page.status_code == error.status
    assert error.sentence in page.text
    part = client.get("/", headers={"X-Partial": "1"})
    assert part.status_code == error.status
    assert "<html" not in part.text
    data = client.get("/", headers={"Accept": "application/json"})
    assert data.json == {"error": {"code": error.code, "sentence": error.sentence}}


def test_an_unknown_address_and_a_wrong_method(client, post):
    assert "There is nothing here" in client.get("/nowhere").text
    answer = client.get("/logout")
    assert answer.status_code == 405
    assert "Nothing was lost" in answer.text
    assert "POST" in answer.headers["Allow"]


def test_too_much_at_once(services):
    app = make_app(MAX_CONTENT_LENGTH=100)
    answer = app.test_client().post("/login", data={"handle": "x" * 200})
    assert answer.status_code == 413
    assert "none of it was kept" in answer.text


def test_a_fault_of_ours_is_owned_up_to_and_shows_nothing_of_the_inside(services):
    app = make_app(PROPAGATE_EXCEPTIONS=False)
    services.answers["list_challenges"] = RuntimeError("secret detail")
    answer = app.test_client().get("/")
    assert answer.status_code == 500
    assert "Something broke on our side" in answer.text
    assert "secret" not in answer.text


def test_limits_are_met_with_a_time_to_wait(services):
    client = make_app(BTM_LIMITS={"log_in": "2 per minute"}, WTF_CSRF_ENABLED=False).test_client()
    words = {"handle": "marta", "password": "x"}
    assert [client.post("/login", data=words).status_code for _ in range(3)] == [303, 303, 429]
    assert 50 <= int(client.post("/login", data=words).headers["Retry-After"]) <= 60


def test_a_name_is_guarded_from_wherever_one_tries(services):
    client = make_app(BTM_LIMITS={"log_in": "2 per minute"}, WTF_CSRF_ENABLED=False).test_client()
    tries = [
        client.post(
            "/login", data={"handle": "Marta ", "password": "x"}, environ_base={"REMOTE_ADDR": f"10.0.0.{n}"}
        )
        for n in range(3)
    ]
    assert [answer.status_code for answer in tries] == [303, 303, 429]


@pytest.mark.parametrize(
    ("limit", "path", "data"),
    [("register", "/register", {"handle": "a", "password": "b"}), ("probe", "/c/drugs/submissions", {"url": "https://a.example"}), ("judge", "/c/drugs/judge", {"seconds": "1"})],
)  # fmt: skip
def test_other_limits_are_configuration(services, limit, path, data):
    client = make_app(BTM_LIMITS={limit: "1 per minute"}, WTF_CSRF_ENABLED=False).test_client()
    with client.session_transaction() as session:
        session["t"] = "member"
    assert client.post(path, data=data).status_code == 303
    assert client.post(path, data=data).status_code == 429


@pytest.mark.parametrize("path", ["/", "/nowhere", "/login"])
def test_a_name_that_is_not_ours_is_turned_away(services, path):
    client = make_app(TRUSTED_HOSTS=["good.example"]).test_client()
    for answer in (
        client.get(path, base_url="http://evil.example"),
        client.post(path, base_url="http://evil.example"),
    ):
        assert answer.status_code == 400
        assert "does not answer to that name" in answer.text
        assert "Content-Security-Policy" in answer.headers
    assert client.get("/login", base_url="http://good.example").status_code == 200
