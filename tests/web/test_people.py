"""Registering, logging in and out, sessions."""

from __future__ import annotations

import pytest

from btm.rules.errors import Forbidden, Invalid
from btm.web.identity import safe_next

from . import samples as s

WORDS = {"handle": " marta_k ", "password": "four words of mine", "next": "/s/visitor"}


def token_of(client) -> str:
    with client.session_transaction() as session:
        return session.get("t", "")


def test_a_visitor_who_registers_keeps_their_pages_and_goes_on(services, client, enter, post):
    enter("visitor")
    answer = post("/register", WORDS)
    assert answer.headers["Location"] == "/s/visitor"
    (call,) = services.called("register")
    assert call[0] == "marta_k"
    assert call["visitor_id"] == s.VISITOR.id
    assert services.called("log_out")[0][0] == "visitor"
    assert token_of(client) == services.called("start_session")[0]["new_token"]


def test_logging_in_changes_the_token(services, client, enter, post):
    enter("visitor")
    assert post("/login", WORDS).headers["Location"] == "/s/visitor"
    assert services.called("log_in")[0]["visitor_id"] == s.VISITOR.id
    assert token_of(client) == "member"


def test_a_taken_name_is_told_at_its_field_and_the_password_is_not_sent_back(services, post):
    services.answers["register"] = Invalid("That name is taken.", field="handle")
    page = post("/register", WORDS)
    assert page.status_code == 422
    assert 'id="handle-fault">That name is taken.' in page.text
    assert 'value="marta_k"' in page.text
    assert "four words" not in page.text


def test_bad_credentials_are_one_sentence(services, client, post):
    services.answers["log_in"] = Forbidden("The name or the password is not right.", code="bad_credentials")
    page = post("/login", WORDS)
    assert page.status_code == 403
    assert "The name or the password is not right." in page.text
    assert not token_of(client)


def test_logging_out_ends_the_session(services, client, enter, post):
    enter("member")
    assert post("/logout").headers["Location"] == "/"
    assert services.called("log_out")[0][0] == "member"
    assert not token_of(client)


def test_an_ended_session_is_forgotten(client, enter):
    enter("stolen")
    assert client.get("/me").headers["Location"] == "/login?next=/me"
    assert not token_of(client)


def test_somebody_who_is_in_needs_no_log_in_page(enter):
    assert enter("member").get("/login?next=/judge").headers["Location"] == "/judge"


def test_a_password_is_changed_and_other_sessions_end(services, enter, post):
    enter("member")
    answer = post("/me/settings/password", {"old": "one", "new": "two words"}, follow_redirects=True)
    assert "Your password is changed." in answer.text
    assert services.called("change_password")[0]["keep_token"] == "member"


def test_a_wrong_old_password_is_told_at_its_field(services, enter, post):
    services.answers["change_password"] = Forbidden("That is not your current password.")
    enter("member")
    answer = post("/me/settings/password", {"old": "one", "new": "two words"})
    assert answer.status_code == 403
    assert 'id="old-fault">That is not your current password.' in answer.text


def test_one_session_can_be_ended(services, enter, post):
    enter("member")
    assert "That session has ended." in post("/me/settings/sessions/2/end", follow_redirects=True).text
    assert services.called("revoke_session")[0] == {0: s.MEMBER.id, 1: 2}


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "",
        None,
        "/a\nb",
        "\t//evil",
    ],
)
def test_going_on_never_leaves_the_site(app, target):
    with app.test_request_context():
        assert safe_next(target) == "/"


def test_going_on_keeps_a_path_of_ours(app):
    with app.test_request_context():
        assert safe_next("/me?cursor=2") == "/me?cursor=2"


@pytest.mark.parametrize("path", ["/console", "/c/drugs/corpus.jsonl", "/c/drugs/corpus.csv"])
def test_modelers_pages_are_for_modelers(client, enter, path):
    assert client.get(path).status_code == 302
    assert enter("member").get(path).status_code == 403
    assert enter("modeler").get(path).status_code == 200
