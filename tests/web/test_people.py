"""Registering, logging in and out, sessions."""

from __future__ import annotations

import pytest

from btm.rules.errors import Conflict, Forbidden, Invalid
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


def test_a_new_token_is_shown_once(enter, post, services):
    browser = enter("member")
    made = post("/me/settings/tokens", {"name": "robot", "scopes": ["read", "play"], "days": "30"})
    assert "btm_new" in made.text
    assert "btm_new" not in browser.get("/me/settings").text
    [call] = services.called("make_token")
    assert (call[1], call[2], call["days"]) == ("robot", ["read", "play"], 30)


def test_a_token_that_cannot_be_made_is_told_at_its_field(enter, post, services):
    enter("member")
    services.answers["make_token"] = Invalid("Name the token.", field="name")
    answer = post("/me/settings/tokens", {"scopes": "read", "days": "30"})
    assert answer.status_code == 422
    assert 'id="token-name-fault">Name the token.' in answer.text
    assert 'value="read" checked' in answer.text


def test_a_token_is_revoked(enter, post, services):
    enter("member")
    assert post("/me/settings/tokens/2/revoke").status_code == 303
    assert services.called("revoke_token")[0][1] == 2


LEAVING = {"giving_up": "3995", "agreed": "1", "password": "four words of mine"}


def test_deleting_says_what_is_lost_and_what_is_in_the_way(services, enter):
    page = enter("member").get("/me/delete").text
    assert "I give up 3 995 points" in page.replace("\u202f", " ").replace("\xa0", " ").replace(",", " ")
    assert 'name="password"' in page
    services.answers["show_erasure"] = s.ERASURE_BARE
    page = enter("member").get("/me/delete").text
    assert 'name="agreed"' not in page
    assert 'name="password"' not in page
    services.answers["show_erasure"] = s.ERASURE_HELD
    page = enter("member").get("/me/delete").text
    assert "A payment is on its way." in page
    assert "for good</button>" not in page


def test_deleting_takes_the_password_and_what_was_agreed_to(services, client, enter, post):
    enter("member")
    assert post("/me/delete", LEAVING).headers["Location"] == "/"
    (call,) = services.called("erase_account")
    assert (call["giving_up"], call["password"]) == (3995, "four words of mine")
    assert not token_of(client)


def test_without_agreement_nothing_is_given_up(services, enter, post):
    enter("member")
    post("/me/delete", LEAVING | {"agreed": ""})
    assert services.called("erase_account")[0]["giving_up"] == 0


@pytest.mark.parametrize(
    "error",
    [Conflict("3 points would be lost.", code="unpaid"), Forbidden("That is not your password.", code="wrong_password")],
)  # fmt: skip
def test_why_an_account_is_not_deleted_is_said(services, client, enter, post, error):
    enter("member")
    services.answers["erase_account"] = error
    page = post("/me/delete", LEAVING)
    assert page.status_code == error.status
    assert page.text.count(error.sentence) == 1
    assert token_of(client)


def test_one_s_data_comes_as_a_file_that_no_cache_keeps(services, enter):
    answer = enter("member").get("/me/data.json")
    assert answer.headers["Content-Disposition"] == "attachment; filename=my-data.json"
    assert answer.headers["Cache-Control"] == "no-store"
    assert services.called("export_own_data")[0][0] == s.MEMBER.id
